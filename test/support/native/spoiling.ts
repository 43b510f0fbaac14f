import type { Clock } from '../../../src/kernel/clock.ts'
import type { SecureLink } from '../../../src/net/native/secure-link.ts'
import type { DatagramChannel } from '../../../src/net/streams/datagram-channel.ts'
import { DatagramWriter } from '../../../src/wire/native-frames/encode-frames.ts'
import { datagramKinds, frameCode, type Frame } from '../../../src/wire/native-frames/frame.ts'
import type { NoiseCrypto } from '../../../src/wire/native/noise-crypto.ts'
import { tagBytes } from '../../../src/wire/native/noise-crypto.ts'

/** Chance, and how much of what is said is spoilt now, 0 to 1. */
export interface Malice {
  readonly random: () => number
  ratio: number
}

/** Seals what is not what was meant: what the peer opens is authentic, and makes no sense. */
export function spoilingCrypto(crypto: NoiseCrypto, malice: Malice): NoiseCrypto {
  return {
    ...crypto,
    sealPacket(key, counter, packet, headBytes) {
      // A tenth of it: what is below streams and media is small, and its end is the end of everything.
      if (malice.random() < malice.ratio / 10) damage(packet.subarray(headBytes, -tagBytes), malice.random)
      crypto.sealPacket(key, counter, packet, headBytes)
    },
  }
}

const mostKept = 32

/** A channel whose datagrams are damaged, cut, lengthened, repeated, late, of an earlier time, or made up. */
export class SpoilingChannel implements DatagramChannel {
  readonly maxBytes: number
  readonly closed: DatagramChannel['closed']
  sent = 0
  readonly #link: SecureLink
  readonly #clock: Clock
  readonly #malice: Malice
  readonly #kept: Uint8Array[] = []
  #number = 0

  constructor(link: SecureLink, clock: Clock, malice: Malice) {
    this.#link = link
    this.#clock = clock
    this.#malice = malice
    this.maxBytes = link.maxBytes
    this.closed = link.closed
  }

  set onDatagram(take: (bytes: Uint8Array) => void) {
    this.#link.onDatagram = take
  }

  set onPathChange(take: () => void) {
    this.#link.onPathChange = take
  }

  close(cause: 'closed' | 'protocol-violation', reason?: string): void {
    this.#link.close(cause, reason)
  }

  send(bytes: Uint8Array): boolean {
    const { random, ratio } = this.#malice
    const copy = bytes.slice()
    this.#kept.push(copy)
    if (this.#kept.length > mostKept) this.#kept.shift()
    if (random() >= ratio) return this.#say(copy)
    switch (Math.floor(random() * 8)) {
      case 0:
        return this.#say(damage(copy, random))
      case 1:
        return this.#say(copy.subarray(0, Math.floor(random() * copy.length)))
      case 2:
        return this.#say(joined(copy, noise(random, Math.floor(random() * (this.maxBytes - copy.length)))))
      case 3:
        for (let count = 0; count < 3; count++) this.#say(copy)
        return true
      case 4:
        this.#clock.after(random() * 500, () => this.#say(copy))
        return true
      case 5:
        return this.#say(this.#kept[Math.floor(random() * this.#kept.length)] ?? copy)
      case 6:
        return this.#say(noise(random, Math.floor(random() * this.maxBytes)))
      default:
        return this.#say(copy) && this.madeUp()
    }
  }

  /** A datagram of frames that stand in no relation to anything. */
  madeUp(): boolean {
    const { random } = this.#malice
    const writer = new DatagramWriter(this.maxBytes)
    // Numbers of its own, far ahead of those of the transport, or anywhere.
    writer.begin(random() < 0.8 ? 1e6 + this.#number++ : number(random))
    for (let frames = 1 + Math.floor(random() * 6); frames > 0; frames--) {
      try {
        writer.frame(madeUpFrame(random))
      } catch {
        // It has no room, or cannot be written: then not.
      }
    }
    return this.#say(writer.written.slice())
  }

  #say(bytes: Uint8Array): boolean {
    this.sent++
    return this.#link.send(bytes.subarray(0, this.maxBytes))
  }
}

function madeUpFrame(random: () => number): Frame {
  const of = (most: number) => Math.floor(random() * most)
  const stream = random() < 0.7 ? of(12) : number(random)
  const first = number(random)
  switch (of(13)) {
    case 0:
      return { type: 'padding', bytes: of(200) }
    case 1:
      return { type: 'ping' }
    case 2: {
      const last = random() < 0.5 ? of(40) : number(random)
      return { type: 'acknowledged', ranges: [{ first: Math.max(0, last - of(20)), last }], delayUs: number(random) }
    }
    case 3: {
      const arrivalsUs = Array.from({ length: 1 + of(40) }, () => (random() < 0.2 ? Number.NaN : number(random)))
      return { type: 'arrivals', first: random() < 0.5 ? of(100) : first, arrivalsUs }
    }
    case 4:
      return { type: 'reset', stream, code: of(9), bytes: number(random) }
    case 5:
      return { type: 'stop', stream, code: of(9) }
    case 6:
      return { type: 'missing', numbers: Array.from({ length: 1 + of(50) }, (_, at) => of(50) + at * (1 + of(1000))) }
    case 7:
      return { type: 'key-wanted' }
    case 8:
      return { type: 'max-data', bytes: number(random) }
    case 9:
      return { type: 'max-stream-data', stream, bytes: number(random) }
    case 10:
      return { type: 'max-streams', streams: number(random) }
    case 11:
      return {
        type: 'datagram',
        kind: datagramKinds[of(datagramKinds.length)] ?? 'input',
        data: noise(random, of(400)),
      }
    default:
      return {
        type: 'stream',
        stream,
        offset: random() < 0.7 ? of(3000) : number(random),
        data: noise(random, of(300)),
        fin: random() < 0.1,
      }
  }
}

/** Small, at an edge, or anything. */
function number(random: () => number): number {
  const edges = [0, 1, 63, 64, 16_383, 16_384, 2 ** 18, 2 ** 30 - 1, 2 ** 30, 2 ** 32, 2 ** 52, Number.MAX_SAFE_INTEGER]
  return random() < 0.5 ? (edges[Math.floor(random() * edges.length)] as number) : Math.floor(random() ** 8 * 2 ** 53)
}

/** In place: some bytes, the first ones rather than the last, or its kind. */
export function damage(bytes: Uint8Array, random: () => number): Uint8Array {
  for (let flips = 1 + Math.floor(random() * 3); flips > 0 && bytes.length > 0; flips--) {
    const at = Math.floor(random() * (random() < 0.5 ? Math.min(24, bytes.length) : bytes.length))
    const codes = Object.values(frameCode)
    bytes[at] = random() < 0.3 ? (codes[Math.floor(random() * codes.length)] as number) : Math.floor(random() * 256)
  }
  return bytes
}

export function noise(random: () => number, length: number): Uint8Array {
  return Uint8Array.from({ length: Math.max(0, length) }, () => Math.floor(random() * 256))
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array {
  return Uint8Array.from([...one, ...other])
}
