import type { BatchSocket } from './batch-socket.ts'
import type { Peer } from './peer-table.ts'
import { loadLibc } from './libc.ts'
import { Moderation } from './moderation.ts'
import type { PolledClock } from './polled-clock.ts'

/** `struct pollfd`, in words of 32 bits: | descriptor | what is waited for, what there is (16 bits each) |, and that from poll(2). */
const pollWords = 2
const readable = 1
/** Timers of Node's own, which are nobody's here, wait for so long at most. */
const longestMs = 1000

/**
 * Reads sockets until `signal` says so, in a thread that has nothing else to do: it stops the thread while nothing comes, and for a moment
 * each time while much does ({@link Moderation}). Timers are those of `clock`. A turn of Node's event loop costs as much as many packets, and
 * is made only when the loop has something to do, and when something was told to a listener, which may wait for more.
 */
export async function serveSockets(options: {
  readonly sockets: readonly BatchSocket[]
  readonly clock: PolledClock
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
  const waiting = new Int32Array([...sockets.map(({ fd }) => fd), libc.eventLoop()].flatMap((fd) => [fd, readable]))
  const hasCome = (index: number) => (waiting[index * pollWords + 1] ?? 0) >>> 16 !== 0
  const loop = sockets.length
  const flush = () => {
    for (const socket of sockets) socket.flush()
  }
  let nowMs = clock.nowMs()
  let isStopped = signal.aborted
  // To ask the signal each time costs as much as a call of the system.
  signal.addEventListener('abort', () => (isStopped = true))
  let hasTold = false
  const readers = sockets.map((socket, index) => {
    const handle = (memory: Uint8Array, at: number, length: number, from: Peer) => {
      const isTaken = first(socket, memory, at, length, from, nowMs)
      if (!isTaken) hasTold = true
      return isTaken
    }
    return () => (hasCome(index) ? socket.receive(handle) : 0)
  })
  const moderation = new Moderation(nowMs)
  let turnedMs = nowMs
  for (;;) {
    if (isStopped) return
    const waitMs = Math.ceil(Math.min(clock.nextMs, turnedMs + longestMs) - nowMs)
    const isWoken = libc.poll(waiting, sockets.length + 1, Math.max(0, waitMs)) > 0
    if (isWoken) {
      const { pauseUs } = moderation
      if (pauseUs > 0) libc.usleep(pauseUs)
    }
    nowMs = clock.nowMs()
    if (isWoken) {
      let count = 0
      for (const read of readers) count += read()
      moderation.add(count, nowMs)
    }
    if (clock.nextMs <= nowMs) {
      clock.run(nowMs)
      flush()
    }
    if (!hasTold && !(isWoken && hasCome(loop)) && nowMs - turnedMs < longestMs) continue
    hasTold = false
    await new Promise((resolve) => setImmediate(resolve))
    flush()
    nowMs = turnedMs = clock.nowMs()
  }
}
