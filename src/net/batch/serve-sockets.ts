import type { Clock } from '../../kernel/clock.ts'
import type { BatchSocket } from './batch-socket.ts'
import type { Peer } from './peer-table.ts'
import { loadLibc } from './libc.ts'
import { Moderation } from './moderation.ts'

/** What does not come by a socket (timers, messages of other threads) waits for so long at most while nothing comes, and while much does. */
const idleMs = 20
const busyMs = 20
/** poll(2) */
const readable = 1

/**
 * Reads sockets until `signal` says so, in a thread that has nothing else to do: it stops the thread while nothing comes, and for a moment
 * each time while much does ({@link Moderation}).
 */
export async function serveSockets(options: {
  readonly sockets: readonly BatchSocket[]
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Is asked about each datagram before the listeners of its socket. */
  readonly first: (
    socket: BatchSocket,
    memory: Uint8Array,
    at: number,
    length: number,
    from: Peer,
    nowMs: number,
  ) => boolean
}): Promise<void> {
  const { sockets, clock, signal, first } = options
  const libc = await loadLibc()
  if (!libc || sockets.length === 0) return
  const descriptors = new Int32Array(sockets.flatMap(({ fd }) => [fd, readable]))
  let nowMs = clock.nowMs()
  const readers = sockets.map((socket) => {
    const handle = (memory: Uint8Array, at: number, length: number, from: Peer) =>
      first(socket, memory, at, length, from, nowMs)
    return () => socket.receive(handle)
  })
  const moderation = new Moderation(nowMs)
  let turnedMs = nowMs
  while (!signal.aborted) {
    if (libc.poll(descriptors, sockets.length, idleMs) > 0) {
      const { pauseUs } = moderation
      if (pauseUs > 0) libc.usleep(pauseUs)
      nowMs = clock.nowMs()
      let count = 0
      for (const read of readers) count += read()
      moderation.add(count, nowMs)
      if (nowMs - turnedMs < busyMs) continue
    }
    await new Promise((resolve) => setImmediate(resolve))
    for (const socket of sockets) socket.flush()
    turnedMs = clock.nowMs()
  }
}
