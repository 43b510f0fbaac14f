import type { Socket } from 'node:dgram'

/** udp(7), linux/udp.h: one call for many datagrams, which the kernel cuts apart on their way out and hands over together when they come. */
const options = { level: 17, segment: 103, gather: 104 } as const

/** What the kernel does for a socket beyond one datagram a call. */
export interface Segmentation {
  /** What is sent from now on is cut into datagrams of so many bytes; 0 for no more. False when the kernel does not. */
  cut(bytes: number): boolean
  /** Datagrams that came one after the other may be handed over together. */
  gather(): boolean
}

/** Undefined where the system has no such thing: on other systems than Linux, or on an old one. */
export async function segmentationOf(socket: Socket): Promise<Segmentation | undefined> {
  const fd = descriptorOf(socket)
  if (process.platform !== 'linux' || fd === undefined) return undefined
  try {
    const { default: koffi } = await import('koffi')
    const set = koffi.load('libc.so.6').func('int setsockopt(int, int, int, int *, uint32_t)')
    const say = (name: number, value: number) => set(fd, options.level, name, Int32Array.of(value), 4) === 0
    const segmentation = {
      cut: (bytes: number) => say(options.segment, bytes),
      gather: () => say(options.gather, 1),
    }
    return segmentation.cut(0) ? segmentation : undefined
  } catch {
    // Without the package for this machine it goes on one by one.
    return undefined
  }
}

/** Node has no word for it but a deprecated one, which warns; what that reads is behind a symbol. */
export function descriptorOf(socket: Socket): number | undefined {
  const state = Object.getOwnPropertySymbols(socket).find(({ description }) => description === 'state symbol')
  const held = socket as unknown as Readonly<Record<symbol, { readonly handle?: { readonly fd?: number } } | undefined>>
  const fd = state && held[state]?.handle?.fd
  return fd !== undefined && fd >= 0 ? fd : undefined
}
