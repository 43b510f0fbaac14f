import type { RawData, WebSocket } from 'ws'
import type { Pipe } from '../../kernel/pipe.ts'

/** RFC 6455, section 7.4.2: codes that an end may close with. */
const ownCodes = { least: 3000, most: 4999 } as const
const usualCodes: ReadonlySet<number> = new Set([1000, 1001])
/** A page that takes nothing of what it is told is gone. */
const mostWaitingBytes = 16 * 1024 * 1024

/** Carries what is said on a WebSocket onto a pipe and back, and the end of each to the other. */
export function joinSocket(socket: WebSocket, pipe: Pipe): void {
  // The library gives each message as one buffer, unless it is told otherwise.
  socket.on('message', (data: RawData, isBinary: boolean) => {
    const bytes = data as Buffer
    pipe.send(isBinary ? bytes : bytes.toString())
  })
  socket.on('close', (code) => pipe.close(code === 1006 ? undefined : code, ''))
  void pipe.closed.then(({ code }) => {
    if (code !== undefined && isSendable(code)) socket.close(code)
    else socket.terminate()
  })
  pipe.listen({
    message(message) {
      if (socket.readyState !== socket.OPEN) return
      socket.send(message)
      if (socket.bufferedAmount > mostWaitingBytes) socket.terminate()
    },
    fault: () => socket.terminate(),
  })
  if (socket.readyState === socket.CLOSED) pipe.close(undefined, '')
}

function isSendable(code: number): boolean {
  return usualCodes.has(code) || (code >= ownCodes.least && code <= ownCodes.most)
}
