import { tagBytes, type NoiseCrypto } from '../../wire/native/noise-crypto.ts'
import type { NoiseKeys } from '../../wire/native/noise.ts'
import { dataHeadBytes, writeDataHead, type NativePacket } from '../../wire/native/packet.ts'
import type { Margins } from '../../wire/native/sealed-message.ts'
import { ReplayWindow } from '../replay/replay-window.ts'
import { PacketMemory } from '../udp/packet-memory.ts'

type DataPacket = Extract<NativePacket, { type: 'data' }>

/** Keys that packets are sealed with until the next ones are agreed on. */
interface Epoch {
  /** Grows by one; its lowest 8 bits are in each packet. */
  readonly number: number
  readonly send: Uint8Array
  readonly receive: Uint8Array
  /** From which the next ones follow; known to nobody who has only the keys. */
  readonly chain: Uint8Array
}

/** What became of a packet that came. */
export type Opened =
  | { readonly ok: true; readonly plain: Uint8Array; readonly isNewest: boolean }
  | { readonly ok: false; readonly why: 'repeated' | 'forged' }

/**
 * Seals what one end of a channel sends, and opens what comes, once each. Counters go on over all epochs, so that one window tells
 * what is repeated. New keys come from a fresh agreement mixed into what the former ones came from: whoever learns the keys of one epoch
 * knows neither those before nor, unless it is still there, those behind.
 */
export class SealedTraffic {
  /** What a message leaves free for the packet that it becomes. */
  readonly margins: Margins
  readonly #crypto: NoiseCrypto
  readonly #peerIndex: number
  readonly #isInitiator: boolean
  readonly #window = new ReplayWindow()
  #current: Epoch
  /** What the former epoch sealed can be late. */
  #former: Epoch | undefined
  /** Agreed on, and not used by the peer yet. */
  #coming: Epoch | undefined
  #sent = 0
  #sentBefore = 0
  #received = 0

  constructor(options: {
    readonly crypto: NoiseCrypto
    readonly keys: NoiseKeys
    readonly peerIndex: number
    readonly isInitiator: boolean
  }) {
    const { crypto, keys, peerIndex, isInitiator } = options
    const memory = new PacketMemory()
    this.margins = { before: dataHeadBytes, behind: tagBytes, memory: (bytes) => memory.cut(bytes) }
    this.#crypto = crypto
    this.#peerIndex = peerIndex
    this.#isInitiator = isInitiator
    const [first, second] = isInitiator ? [keys.send, keys.receive] : [keys.receive, keys.send]
    this.#current = { number: 0, ...keys, chain: crypto.hmac(first, second) }
  }

  get epoch(): number {
    return this.#current.number
  }

  /** Packets sealed so far, in this epoch and in all. */
  get sentInEpoch(): number {
    return this.#sent - this.#sentBefore
  }

  get sent(): number {
    return this.#sent
  }

  /** Packets opened so far, and the highest counter among them (-1 before the first). */
  get received(): number {
    return this.#received
  }

  get newest(): number {
    return this.#window.newest
  }

  /** Makes a packet of a message that was written with {@link margins} around it. */
  seal(packet: Uint8Array): Uint8Array {
    const counter = this.#sent++
    const { number: epoch, send } = this.#current
    writeDataHead(packet, { epoch, receiver: this.#peerIndex, counter })
    this.#crypto.sealPacket(send, counter, packet, dataHeadBytes)
    return packet
  }

  open({ epoch: low, counter, head, sealed }: DataPacket): Opened {
    if (!this.#window.isNew(counter)) return { ok: false, why: 'repeated' }
    const epoch = this.#epochOf(low)
    const plain = epoch && this.#crypto.open(epoch.receive, counter, head, sealed)
    if (!epoch || !plain) return { ok: false, why: 'forged' }
    const isNewest = counter > this.#window.newest
    this.#window.take(counter)
    this.#received++
    if (epoch === this.#coming) this.#enter(epoch)
    return { ok: true, plain, isNewest }
  }

  /** The keys behind the present ones, with what both ends have agreed on. They are used once the peer uses them. */
  expect(agreed: Uint8Array): void {
    this.#coming = this.#next(agreed)
  }

  /** The same, to be used from now on. */
  renew(agreed: Uint8Array): void {
    this.#enter(this.#next(agreed))
  }

  /** Nothing that the former keys sealed is late any more. */
  forgetFormer(): void {
    this.#former = undefined
  }

  #epochOf(low: number): Epoch | undefined {
    if ((this.#current.number & 0xff) === low) return this.#current
    return [this.#coming, this.#former].find((each) => each && (each.number & 0xff) === low)
  }

  #enter(epoch: Epoch): void {
    this.#former = this.#current
    this.#current = epoch
    this.#coming = undefined
    this.#sentBefore = this.#sent
  }

  #next(agreed: Uint8Array): Epoch {
    const mixed = this.#crypto.hmac(this.#current.chain, agreed)
    const [chain, initiators, responders] = [1, 2, 3].map((label) =>
      this.#crypto.hmac(mixed, Uint8Array.of(label)),
    ) as [Uint8Array, Uint8Array, Uint8Array]
    const [send, receive] = this.#isInitiator ? [initiators, responders] : [responders, initiators]
    return { number: this.#current.number + 1, chain, send, receive }
  }
}
