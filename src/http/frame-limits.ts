import type { WebSocket } from 'ws'
import type { Clock } from '../kernel/clock.ts'

/** What a WebSocket's frames may be, before anybody looks into them: a browser sends a message in one frame, or in few. */
export const frameLimits = {
  noServer: true,
  perMessageDeflate: false,
  /** By `answerPings`. */
  autoPong: false,
  maxFragments: 64,
  maxBufferedChunks: 4096,
} as const

/** Browsers send no pings at all, programs one every few seconds. */
const pingsPerSecond = 10
/** A client that takes no pongs needs none. */
const maxUnsentBytes = 64 * 1024

/** Answers a client's pings (RFC 6455, section 5.5.2), and ends the connection of one that sends them without measure. */
export function answerPings(socket: WebSocket, clock: Clock): void {
  let sinceMs = clock.nowMs()
  let count = 0
  socket.on('ping', (data) => {
    if (socket.readyState !== socket.OPEN) return
    const nowMs = clock.nowMs()
    if (nowMs - sinceMs >= 1000) {
      sinceMs = nowMs
      count = 0
    }
    if (++count > pingsPerSecond) return socket.terminate()
    if (socket.bufferedAmount <= maxUnsentBytes) socket.pong(data)
  })
}
