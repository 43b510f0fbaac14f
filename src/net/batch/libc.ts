import type { default as Koffi } from 'koffi'

/** The calls of the system that many datagrams go through at once, recvmmsg(2) and sendmmsg(2), and what is around them. */
export interface Libc {
  dup(fd: number): number
  close(fd: number): number
  /** 0 when it was done. */
  setsockopt(fd: number, level: number, name: number, value: Int32Array, bytes: 4): number
  /** Without waiting; how many, or -1. */
  recvmmsg(fd: number, vector: bigint, count: number): number
  sendmmsg(fd: number, vector: bigint, count: number): number
  /** How many of them (`struct pollfd`) have what is waited for, after `timeoutMs` at the latest. */
  poll(descriptors: Int32Array, count: number, timeoutMs: number): number
  /** Stops the thread. */
  usleep(us: number): number
  errno(): number
  /** Of the event loop of this thread: readable when the loop has anything to do but for its timers. */
  eventLoop(): number
  /** Where the bytes of a buffer begin. They stay there for as long as somebody holds the buffer, which the address does not. */
  addressOf(buffer: ArrayBuffer): bigint
}

/** fcntl.h, linux/socket.h */
const dontWait = 0x40

let loaded: Libc | undefined

/** Undefined where there is no such thing: on other systems than Linux, and on a machine that the package has no binary for. */
export async function loadLibc(): Promise<Libc | undefined> {
  if (process.platform !== 'linux') return undefined
  try {
    loaded ??= bind((await import('koffi')).default)
  } catch {
    return undefined
  }
  return loaded
}

function bind(koffi: typeof Koffi): Libc {
  const library = koffi.load('libc.so.6')
  // Node itself, for what embeds it or is added to it: `v8::Isolate::GetCurrent`, `node::GetCurrentEventLoop` (node.h), `uv_backend_fd` of libuv.
  const node = koffi.load(null)
  const isolate = node.func('void *_ZN2v87Isolate10GetCurrentEv()')
  const loopOf = node.func('void *_ZN4node19GetCurrentEventLoopEPN2v87IsolateE(void *)')
  const backend = node.func('int uv_backend_fd(void *)')
  const receive = library.func('int recvmmsg(int, void *, uint32_t, int, void *)')
  const send = library.func('int sendmmsg(int, void *, uint32_t, int)')
  return {
    dup: library.func('int dup(int)'),
    close: library.func('int close(int)'),
    setsockopt: library.func('int setsockopt(int, int, int, int *, uint32_t)'),
    recvmmsg: (fd, vector, count) => receive(fd, vector, count, dontWait, null),
    sendmmsg: (fd, vector, count) => send(fd, vector, count, dontWait),
    poll: library.func('int poll(void *, ulong, int)'),
    usleep: library.func('int usleep(uint32_t)'),
    errno: () => koffi.errno(),
    eventLoop: () => backend(loopOf(isolate())),
    addressOf: (buffer) => koffi.address(buffer),
  }
}
