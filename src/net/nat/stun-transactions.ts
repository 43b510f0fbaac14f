import { randomBytes } from 'node:crypto'
import type { Clock, Timer } from '../../kernel/clock.ts'
import type { WireAddress } from '../../wire/address-bytes.ts'
import { decodeStun, encodeStun, isStun } from '../../wire/stun/stun-codec.ts'
import type { ReceivedStun, StunAttributes } from '../../wire/stun/stun-message.ts'
import { WireError } from '../../wire/wire-error.ts'
import type { DatagramSocket } from '../udp/datagram-socket.ts'

/** What a server answered, from where, and how long it took. */
export interface StunAnswer {
  readonly message: ReceivedStun
  readonly from: WireAddress
  readonly roundTripMs: number
}

/** When a request is sent again, in milliseconds after the first time, and when it is given up (RFC 8489, with fewer tries). */
const resendsMs = [250, 750] as const
const givenUpMs = 1500

interface Pending {
  readonly answered: (answer: StunAnswer | undefined) => void
  readonly sentMs: number
  readonly timers: readonly Timer[]
}

/** Asks STUN servers over a socket that carries other things too. */
export class StunTransactions implements Disposable {
  readonly #socket: DatagramSocket
  readonly #clock: Clock
  readonly #newId: () => Uint8Array
  readonly #listening: Timer
  readonly #pending = new Map<string, Pending>()

  constructor(socket: DatagramSocket, clock: Clock, newId: () => Uint8Array = () => randomBytes(12)) {
    this.#socket = socket
    this.#clock = clock
    this.#newId = newId
    this.#listening = socket.listen((bytes, from) => this.#receive(bytes, from))
  }

  /** Resolves with the answer, or undefined when none came. */
  ask(to: WireAddress, attributes: StunAttributes = {}): Promise<StunAnswer | undefined> {
    const transactionId = this.#newId()
    const bytes = encodeStun({ kind: 'request', transactionId, attributes })
    const { promise, resolve } = Promise.withResolvers<StunAnswer | undefined>()
    const send = () => this.#socket.send(bytes, to)
    const key = keyOf(transactionId)
    const timers = [
      ...resendsMs.map((delayMs) => this.#clock.after(delayMs, send)),
      this.#clock.after(givenUpMs, () => this.#end(key, undefined)),
    ]
    this.#pending.set(key, { answered: resolve, sentMs: this.#clock.nowMs(), timers })
    send()
    return promise
  }

  /** Those who wait get no answer. */
  [Symbol.dispose](): void {
    this.#listening.cancel()
    for (const key of this.#pending.keys()) this.#end(key, undefined)
  }

  #receive(bytes: Uint8Array, from: WireAddress): boolean {
    if (this.#pending.size === 0 || !isStun(bytes)) return false
    const key = keyOf(bytes.subarray(8, 20))
    const pending = this.#pending.get(key)
    if (!pending) return false
    try {
      const message = decodeStun(bytes)
      if (message.kind === 'request' || message.kind === 'indication') return false
      this.#end(key, { message, from, roundTripMs: this.#clock.nowMs() - pending.sentMs })
    } catch (error) {
      if (!(error instanceof WireError)) throw error
    }
    return true
  }

  #end(key: string, answer: StunAnswer | undefined): void {
    const pending = this.#pending.get(key)
    this.#pending.delete(key)
    for (const timer of pending?.timers ?? []) timer.cancel()
    pending?.answered(answer)
  }
}

function keyOf(transactionId: Uint8Array): string {
  return Buffer.from(transactionId).toString('latin1')
}
