import { keyBytes, type KeyPair, type NoiseCrypto } from '../../wire/native/noise-crypto.ts'
import type { SealedMessage } from '../../wire/native/sealed-message.ts'
import type { SealedTraffic } from './sealed-traffic.ts'

/** When keys are renewed. */
export interface RenewalRule {
  /** So long after they came into use. */
  readonly afterMs: number
  /** Or after so many packets were sent with them. */
  readonly afterPackets: number
  /** A channel whose keys could not be renewed so long after that, or so many packets, ends. */
  readonly graceMs: number
  readonly gracePackets: number
}

const askAgainMs = 500
/** What was sealed with former keys is not on its way for longer. */
const formerMs = 5000

type RenewalMessage = Extract<SealedMessage, { kind: 'rekey' | 'rekeyed' }>

/** Agrees on new keys while the channel stands. The initiator asks, until it is answered; the responder answers, and the same each time. */
export class KeyRenewal {
  readonly #crypto: NoiseCrypto
  readonly #traffic: SealedTraffic
  readonly #isInitiator: boolean
  readonly #rule: RenewalRule
  readonly #send: (message: SealedMessage) => void
  #epoch = 0
  #enteredMs: number
  #asked: { readonly epoch: number; readonly pair: KeyPair; sentMs: number } | undefined
  #answer: { readonly to: Uint8Array; readonly message: RenewalMessage } | undefined

  constructor(options: {
    readonly crypto: NoiseCrypto
    readonly traffic: SealedTraffic
    readonly isInitiator: boolean
    readonly rule: RenewalRule
    readonly nowMs: number
    readonly send: (message: SealedMessage) => void
  }) {
    this.#crypto = options.crypto
    this.#traffic = options.traffic
    this.#isInitiator = options.isInitiator
    this.#rule = options.rule
    this.#enteredMs = options.nowMs
    this.#send = options.send
  }

  /** What time brings. False when the keys are too old to go on with. */
  tick(nowMs: number): boolean {
    const { afterMs, afterPackets, graceMs, gracePackets } = this.#rule
    const { epoch, sentInEpoch } = this.#traffic
    if (epoch !== this.#epoch) {
      this.#epoch = epoch
      this.#enteredMs = nowMs
    }
    const ageMs = nowMs - this.#enteredMs
    if (ageMs >= formerMs) this.#traffic.forgetFormer()
    if (ageMs >= afterMs + graceMs || sentInEpoch >= afterPackets + gracePackets) return false
    const isDue = ageMs >= afterMs || sentInEpoch >= afterPackets
    if (this.#isInitiator && isDue) this.#ask(nowMs)
    return true
  }

  /** A message about keys. One that has no place now is old, or asks for what cannot be. */
  take({ kind, epoch, publicKey }: RenewalMessage): void {
    const next = (this.#traffic.epoch + 1) & 0xff
    if (epoch !== next || publicKey.length !== keyBytes) return
    if (kind === 'rekey' && !this.#isInitiator) this.#answerTo(Uint8Array.from(publicKey), epoch)
    if (kind !== 'rekeyed' || this.#asked?.epoch !== epoch) return
    const agreed = this.#asked.pair.agree(publicKey)
    this.#asked = undefined
    if (agreed === undefined) return
    this.#traffic.renew(agreed)
    // By this the peer knows that they are in use.
    this.#send({ kind: 'rest' })
  }

  #ask(nowMs: number): void {
    const epoch = (this.#traffic.epoch + 1) & 0xff
    if (this.#asked?.epoch !== epoch) this.#asked = { epoch, pair: this.#crypto.newKeyPair(), sentMs: -Infinity }
    if (nowMs - this.#asked.sentMs < askAgainMs) return
    this.#asked.sentMs = nowMs
    this.#send({ kind: 'rekey', epoch, publicKey: this.#asked.pair.publicKey })
  }

  #answerTo(to: Uint8Array, epoch: number): void {
    const isRepeated =
      this.#answer?.message.epoch === epoch && this.#answer.to.every((byte, index) => byte === to[index])
    if (!isRepeated) {
      const pair = this.#crypto.newKeyPair()
      const agreed = pair.agree(to)
      if (agreed === undefined) return
      this.#traffic.expect(agreed)
      this.#answer = { to, message: { kind: 'rekeyed', epoch, publicKey: pair.publicKey } }
    }
    if (this.#answer) this.#send(this.#answer.message)
  }
}
