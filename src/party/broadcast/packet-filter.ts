import type { PortRange } from './game-ports.ts'

/** One instruction of the kernel's classic filter (linux/filter.h). */
export interface FilterInstruction {
  readonly code: number
  /** How many are passed over when it is true, and when it is not. */
  readonly jt: number
  readonly jf: number
  readonly k: number
}

const loadByte = 0x30
const loadHalf = 0x28
const loadHalfBehindHead = 0x48
const headToIndex = 0xb1
const ifEqual = 0x15
const ifAtLeast = 0x35
const ifMore = 0x25
const ifAnyBit = 0x45
const give = 0x06
/** SKF_AD_OFF + SKF_AD_PROTOCOL, SKF_AD_PKTTYPE: what the kernel knows of a packet besides its bytes. */
const protocol = 0xffff_f000
const packetType = 0xffff_f000 + 4
const ipv4Ethertype = 0x0800
/** PACKET_OUTGOING: what this machine sends itself. */
const outgoing = 4

/**
 * A filter that lets through what this machine sends by UDP and IPv4 to many at once, on those ports: multicast, 255.255.255.255, and what
 * ends in .255. It counts bytes from the IP header on.
 */
export function broadcastFilter(ports: readonly PortRange[]): readonly FilterInstruction[] {
  // Conditions first; what fails jumps to the last but one instruction, what has a port of the list to the last one.
  const tests: ((refuse: number, at: number) => FilterInstruction)[] = [
    () => ({ code: loadHalf, jt: 0, jf: 0, k: protocol }),
    (refuse, at) => ({ code: ifEqual, jt: 0, jf: refuse - at - 1, k: ipv4Ethertype }),
    () => ({ code: loadByte, jt: 0, jf: 0, k: packetType }),
    (refuse, at) => ({ code: ifEqual, jt: 0, jf: refuse - at - 1, k: outgoing }),
    () => ({ code: loadByte, jt: 0, jf: 0, k: 9 }),
    (refuse, at) => ({ code: ifEqual, jt: 0, jf: refuse - at - 1, k: 17 }),
    () => ({ code: loadHalf, jt: 0, jf: 0, k: 6 }),
    (refuse, at) => ({ code: ifAnyBit, jt: refuse - at - 1, jf: 0, k: 0x3fff }),
    () => ({ code: loadByte, jt: 0, jf: 0, k: 16 }),
    // Multicast and 255.255.255.255 need not end in .255.
    () => ({ code: ifAtLeast, jt: 2, jf: 0, k: 224 }),
    () => ({ code: loadByte, jt: 0, jf: 0, k: 19 }),
    (refuse, at) => ({ code: ifEqual, jt: 0, jf: refuse - at - 1, k: 255 }),
    () => ({ code: headToIndex, jt: 0, jf: 0, k: 0 }),
    () => ({ code: loadHalfBehindHead, jt: 0, jf: 0, k: 2 }),
  ]
  const refuse = tests.length + 2 * ports.length
  return [
    ...tests.map((make, at) => make(refuse, at)),
    ...ports.flatMap(({ first, last }, index): FilterInstruction[] => {
      const at = tests.length + 2 * index
      return [
        { code: ifAtLeast, jt: 0, jf: 1, k: first },
        { code: ifMore, jt: 0, jf: refuse + 1 - (at + 1) - 1, k: last },
      ]
    }),
    { code: give, jt: 0, jf: 0, k: 0 },
    { code: give, jt: 0, jf: 0, k: 0xffff },
  ]
}
