/** Where a command prints to. */
export interface Terminal {
  write(text: string): void
  readonly isTTY: boolean
  /** Characters in a line; 80 when it is not known. It may change. */
  readonly columns: number
  /** Lines that are seen at once; 24 when it is not known. */
  readonly rows?: number
}

/** A stream of the process as a terminal. What cannot be written any more, because the reader has gone, is lost. */
export function terminalOf(stream: NodeJS.WriteStream): Terminal {
  stream.on('error', () => {})
  return {
    write: (text) => void stream.write(text),
    isTTY: stream.isTTY,
    get columns() {
      return stream.columns || 80
    },
    get rows() {
      return stream.rows || 24
    },
  }
}
