/** Where a command prints to. */
export interface Terminal {
  write(text: string): void
  readonly isTTY: boolean
  /** Characters in a line; 80 when it is not known. */
  readonly columns: number
}

/** A stream of the process as a terminal. What cannot be written any more, because the reader has gone, is lost. */
export function terminalOf(stream: NodeJS.WriteStream): Terminal {
  stream.on('error', () => {})
  return {
    write: (text) => void stream.write(text),
    isTTY: stream.isTTY,
    columns: stream.columns || 80,
  }
}
