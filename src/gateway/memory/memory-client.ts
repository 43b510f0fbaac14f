import type { Clock, Timer } from '../../kernel/clock.ts'
import type { AccessUnit } from '../../media/contract/access-unit.ts'
import { ArrivalRecorder } from '../../net/congestion/arrival-recorder.ts'
import { keysChannel } from '../../wire/input/channels.ts'
import { encodeKeysMessage, type KeysMessage } from '../../wire/input/keys-message.ts'
import type { MemoryAnswer } from './answers.ts'
import type { MemoryDatagram, MemoryManner } from './wire.ts'

export interface MemoryClientOptions {
  readonly manner: MemoryManner
  readonly clock: Clock
  /** Puts an answer on its way. */
  readonly say: (answer: MemoryAnswer) => void
}

/** What has come of a picture that is not shown yet. */
interface Coming {
  readonly unit: AccessUnit
  readonly count: number
  readonly pieces: Set<number>
  parity: number
  firstNumber: number
}

const reportPeriodMs = 50
/** A picture that is incomplete for longer is given up. */
const giveUpMs = 1000
const askPeriodMs = 100
const askKeyPeriodMs = 200
const mostMissing = 500
/** Pictures that wait for one before them. */
const mostComing = 256

/** The receiving end of a memory wire: puts pictures together, shows them in order, reports, and asks for what is missing. */
export class MemoryClient {
  /** Pictures shown so far, the latest last. */
  readonly pictures: AccessUnit[] = []
  sounds = 0
  /** It takes and says nothing, as a machine that sleeps. */
  isAsleep = false
  readonly #manner: MemoryManner
  readonly #clock: Clock
  readonly #say: (answer: MemoryAnswer) => void
  readonly #arrivals = new ArrivalRecorder()
  readonly #coming = new Map<number, Coming>()
  readonly #missing = new Map<number, { sinceMs: number; askedMs: number }>()
  readonly #timer: Timer
  #nextNumber = 1
  #nextPicture = 0
  #needsKey = true
  #askedKeyMs = -Infinity
  #newestReport = 0
  #received = 0
  #toldReport = 0

  constructor({ manner, clock, say }: MemoryClientOptions) {
    this.#manner = manner
    this.#clock = clock
    this.#say = say
    this.#timer = clock.every(reportPeriodMs, () => this.#report())
    say({ type: 'hello' })
  }

  /** A packet came. */
  take(datagram: MemoryDatagram): void {
    if (this.isAsleep) return
    const { packet, reportNumber } = datagram
    this.#arrivals.onReceived(reportNumber, this.#clock.nowMs() * 1000)
    this.#received++
    // The first picture is a key picture by itself, and has its time to come.
    if (this.#newestReport === 0) this.#askedKeyMs = this.#clock.nowMs()
    this.#newestReport = Math.max(this.#newestReport, reportNumber)
    if (packet.kind === 'sound') this.sounds++
    if (this.#manner.repair === 'resend' && datagram.picture !== undefined) this.#noteMissing(datagram.number)
    if (packet.kind === 'picture' || packet.kind === 'parity') this.#takePiece(datagram)
  }

  /** Presses, clicks and all else of the keys channel. */
  input(message: KeysMessage): void {
    this.rawInput(encodeKeysMessage(message))
  }

  /** Anything at all as input of the keys channel. */
  rawInput(message: Uint8Array): void {
    this.#say({ type: 'input', channel: keysChannel, message })
  }

  requestKey(): void {
    this.#say({ type: 'picture-lost' })
  }

  close(): void {
    this.#timer.cancel()
  }

  #noteMissing(number: number): void {
    const nowMs = this.#clock.nowMs()
    this.#missing.delete(number)
    for (; this.#nextNumber < number; this.#nextNumber++) {
      this.#missing.set(this.#nextNumber, { sinceMs: nowMs, askedMs: -Infinity })
    }
    this.#nextNumber = Math.max(this.#nextNumber, number + 1)
  }

  #takePiece({ packet, picture, number }: MemoryDatagram): void {
    if (packet.kind !== 'picture' && packet.kind !== 'parity') return
    if (picture === undefined || picture < this.#nextPicture) return
    const { unit, count } = packet
    const coming = this.#coming.get(picture) ?? { unit, count, pieces: new Set(), parity: 0, firstNumber: number }
    this.#coming.set(picture, coming)
    if (this.#coming.size > mostComing) return this.#giveUp()
    coming.firstNumber = Math.min(coming.firstNumber, number)
    if (packet.kind === 'picture') coming.pieces.add(packet.index)
    else coming.parity++
    if (unit.key && isComplete(coming)) this.#goOnAt(picture, coming)
    this.#showComplete()
    // Nothing will repair what is behind a picture that has begun after it.
    if (this.#manner.repair !== 'resend' && picture > this.#nextPicture) this.#giveUp()
  }

  /** A key picture makes all before it needless. */
  #goOnAt(picture: number, { firstNumber }: Coming): void {
    this.#nextPicture = picture
    this.#needsKey = false
    for (const index of this.#coming.keys()) if (index < picture) this.#coming.delete(index)
    for (const number of this.#missing.keys()) if (number < firstNumber) this.#missing.delete(number)
  }

  #showComplete(): void {
    for (let next = this.#coming.get(this.#nextPicture); next; next = this.#coming.get(this.#nextPicture)) {
      if (this.#needsKey || !isComplete(next)) return
      this.#coming.delete(this.#nextPicture++)
      this.pictures.push(next.unit)
    }
  }

  #giveUp(): void {
    this.#needsKey = true
    this.#missing.clear()
  }

  /** What is due now: that it is there, what has come, what is missing. */
  #report(): void {
    if (this.isAsleep) return
    this.#say({ type: 'ping' })
    if (this.#manner.rateKnownBy === 'arrivals') {
      for (let report = this.#arrivals.take(); report; report = this.#arrivals.take()) {
        this.#say({ type: 'arrivals', report })
      }
    } else {
      this.#tellLosses()
    }
    this.#ask(this.#clock.nowMs())
  }

  #tellLosses(): void {
    const sent = this.#newestReport - this.#toldReport
    if (sent < 20) return
    this.#say({ type: 'losses', share: Math.max(0, 1 - this.#received / sent) })
    this.#toldReport = this.#newestReport
    this.#received = 0
  }

  #ask(nowMs: number): void {
    const numbers: number[] = []
    for (const [number, missing] of this.#missing) {
      if (nowMs - missing.sinceMs > giveUpMs || this.#missing.size > mostMissing) {
        this.#giveUp()
        break
      }
      if (nowMs - missing.askedMs < askPeriodMs) continue
      missing.askedMs = nowMs
      numbers.push(number)
    }
    if (numbers.length > 0) this.#say({ type: 'missing', numbers })
    if (!this.#needsKey || this.#newestReport === 0 || nowMs - this.#askedKeyMs < askKeyPeriodMs) return
    this.#askedKeyMs = nowMs
    this.#say({ type: 'picture-lost' })
  }
}

function isComplete({ count, pieces, parity }: Coming): boolean {
  return pieces.size + parity >= count
}
