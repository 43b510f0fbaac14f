import type { Member } from '../../../domain/member.ts'
import type { Clock, Timer } from '../../../kernel/clock.ts'
import { planConversation } from '../../../kernel/monitor/conversation.ts'
import { ProtocolViolation } from '../../../kernel/monitor/protocol-violation.ts'
import { RecordingMonitor } from '../../../kernel/monitor/recording-monitor.ts'
import type { TypedMonitor } from '../../../kernel/monitor/typed-conversation.ts'
import { moonlightPairing } from '../../../wire/moonlight/protocol.ts'
import { MoonlightError } from '../contract/moonlight-error.ts'
import { readClientCertificate, type ClientCertificate } from './certificate.ts'
import { PairingAttempt, type HostIdentity } from './pairing-attempt.ts'

/** Somebody shows a PIN and waits for it to be typed here. */
export interface PairingRequest {
  readonly id: string
  readonly address: string
  readonly sinceMs: number
}

/** Who typed a PIN, and what they call the device. */
export interface PinGiven {
  readonly pin: string
  readonly member: Member
  readonly deviceName: string
}

export interface PairingDeskOptions {
  readonly host: HostIdentity
  readonly clock: Clock
  readonly randomBytes: (count: number) => Uint8Array
  /** Keeps a client that has proved the PIN, as a device of who typed it. Rejects when there is no room for one more. */
  readonly keep: (client: ClientCertificate, given: PinGiven) => Promise<void>
  /** A client broke the protocol; its attempt is over. */
  readonly onViolation: (violation: ProtocolViolation, address: string) => void
  /** An attempt is over, however it ended: what was said. */
  readonly onEnded: (requestId: string, recording: string) => void
}

const plan = planConversation(moonlightPairing, 'host')
/** More than an attempt has. */
const recordedMessages = 16

/** How long a PIN can be typed, and how long a client takes afterwards. */
const patienceMs = 5 * 60_000
const stepsMs = 30_000
/** Requests at once, in all and of one address. */
const mostRequests = 8
const mostOfAddress = 2
/** Wrong PINs of one address and in all, until that long after the last. */
const mostWrongOfAddress = 5
const mostWrong = 20
const forgivenMs = 10 * 60_000

interface Pending {
  readonly request: PairingRequest
  readonly client: ClientCertificate
  readonly salt: Uint8Array
  readonly given: PromiseWithResolvers<PinGiven | undefined>
  readonly timer: Timer
}

/** What an attempt says and hears. */
type Said = TypedMonitor<typeof moonlightPairing, 'host'> & Pick<RecordingMonitor, 'recording'>

interface Proving {
  readonly attempt: PairingAttempt
  readonly client: ClientCertificate
  readonly given: PinGiven
  readonly request: PairingRequest
  readonly monitor: Said
  readonly timer: Timer
}

/**
 * Where clients pair. They all tell the same `uniqueid`, so that one is known by it and its address until it has a certificate
 * that counts.
 */
export class PairingDesk {
  readonly #options: PairingDeskOptions
  readonly #pending = new Map<string, Pending>()
  readonly #proving = new Map<string, Proving>()
  readonly #wrong = new Map<string, { count: number; lastMs: number }>()

  constructor(options: PairingDeskOptions) {
    this.#options = options
  }

  /** Those who wait for their PIN, oldest first. */
  get requests(): PairingRequest[] {
    return this.#pending
      .values()
      .map(({ request }) => request)
      .toArray()
  }

  /**
   * The first step: waits until somebody types the PIN. Resolves with whether to go on; `signal` ends it with the client's connection.
   * Throws MoonlightError `malformed` or `too-many-attempts`.
   */
  async begin(client: string, address: string, salt: string, pem: string, signal: AbortSignal): Promise<boolean> {
    const { clock, host, randomBytes } = this.#options
    const saltBytes = hexBytes(salt, 16)
    const certificate = readClientCertificate(pem)
    this.#forget(client)
    this.#checkRoom(address)
    const request = { id: Buffer.from(randomBytes(16)).toString('hex'), address, sinceMs: clock.epochMs() }
    const epochMs = () => clock.epochMs()
    const monitor: Said = new RecordingMonitor({ plan, epochMs, capacity: recordedMessages })
    monitor.received('begin')
    const given = Promise.withResolvers<PinGiven | undefined>()
    const timer = clock.after(patienceMs, () => given.resolve(undefined))
    const pending: Pending = { request, client: certificate, salt: saltBytes, given, timer }
    this.#pending.set(client, pending)
    const onAbort = () => given.resolve(undefined)
    signal.addEventListener('abort', onAbort, { once: true })
    if (signal.aborted) onAbort()
    const pin = await given.promise
    signal.removeEventListener('abort', onAbort)
    timer.cancel()
    if (this.#pending.get(client) === pending) this.#pending.delete(client)
    if (pin === undefined) {
      monitor.sent('refused')
      this.#tellEnd(request, monitor)
      return false
    }
    monitor.sent('accepted')
    const attempt = new PairingAttempt({ host, client: certificate, salt: saltBytes, pin: pin.pin, randomBytes })
    const stepsTimer = clock.after(stepsMs, () => this.#forget(client))
    this.#proving.set(client, { attempt, client: certificate, given: pin, request, monitor, timer: stepsTimer })
    return true
  }

  /** Somebody types what a client shows. Throws MoonlightError `pairing-not-found` or `pin-invalid`. */
  type(requestId: string, given: PinGiven): void {
    if (!/^\d{4}$/.test(given.pin)) throw new MoonlightError('pin-invalid', 'Cannot pair: a PIN has four digits')
    this.#find(requestId).given.resolve(given)
  }

  /** Sends a client away that waits for its PIN. Throws MoonlightError `pairing-not-found`. */
  refuse(requestId: string): void {
    this.#find(requestId).given.resolve(undefined)
  }

  /** The second step: `clientchallenge`, answered with `challengeresponse`; hexadecimal. Throws MoonlightError. */
  challenge(client: string, digits: string): string {
    return this.#step(client, 'challenge', (attempt) =>
      Buffer.from(attempt.challenge(hexBytes(digits, 16))).toString('hex'),
    )
  }

  /** The third: `serverchallengeresp`, answered with `pairingsecret`. Throws MoonlightError. */
  answer(client: string, digits: string): string {
    return this.#step(client, 'answer', (attempt) => Buffer.from(attempt.answer(hexBytes(digits, 32))).toString('hex'))
  }

  /** The fourth: `clientpairingsecret`. False for a wrong PIN. Throws MoonlightError, and rejects when there is no room. */
  async prove(client: string, digits: string): Promise<boolean> {
    const proving = this.#proving.get(client)
    const bytes = hexBytes(digits, undefined)
    const isProved = this.#step(client, 'prove', (attempt) => attempt.prove(bytes))
    if (proving === undefined) return false
    this.#forget(client)
    if (!isProved) {
      this.#countWrong(proving.request.address)
      return false
    }
    await this.#options.keep(proving.client, proving.given)
    return true
  }

  /** Everybody who waits is sent away. */
  close(): void {
    for (const { given } of this.#pending.values()) given.resolve(undefined)
    for (const client of this.#proving.keys()) this.#forget(client)
  }

  /** A step that fails, or does not follow the one before, ends the attempt: it begins anew, with another PIN. */
  #step<Result>(
    client: string,
    step: 'challenge' | 'answer' | 'prove',
    take: (attempt: PairingAttempt) => Result,
  ): Result {
    const proving = this.#proving.get(client)
    if (proving === undefined) throw new MoonlightError('out-of-order', 'Cannot pair: no PIN was typed for this client')
    const { attempt, monitor, request } = proving
    try {
      monitor.received(step)
    } catch (error) {
      if (!(error instanceof ProtocolViolation)) throw error
      this.#forget(client)
      this.#options.onViolation(error, request.address)
      throw new MoonlightError('out-of-order', 'Cannot pair: this step does not follow the one before', {
        cause: error,
      })
    }
    try {
      const result = take(attempt)
      monitor.sent(result === false ? 'refused' : 'accepted')
      return result
    } catch (error) {
      monitor.sent('refused')
      this.#forget(client)
      throw error
    }
  }

  #tellEnd(request: PairingRequest, { recording }: Said): void {
    if (recording !== undefined) this.#options.onEnded(request.id, recording)
  }

  #find(requestId: string): Pending {
    const found = this.#pending.values().find(({ request }) => request.id === requestId)
    if (found === undefined) throw new MoonlightError('pairing-not-found', 'Cannot pair: the client waits no longer')
    return found
  }

  #forget(client: string): void {
    this.#pending.get(client)?.given.resolve(undefined)
    this.#pending.delete(client)
    const proving = this.#proving.get(client)
    if (proving === undefined) return
    proving.timer.cancel()
    this.#proving.delete(client)
    this.#tellEnd(proving.request, proving.monitor)
  }

  #checkRoom(address: string): void {
    const nowMs = this.#options.clock.nowMs()
    for (const [from, { lastMs }] of this.#wrong) if (nowMs - lastMs >= forgivenMs) this.#wrong.delete(from)
    const wrongInAll = this.#wrong.values().reduce((sum, { count }) => sum + count, 0)
    const wrongHere = this.#wrong.get(address)?.count ?? 0
    const here = this.requests.filter((request) => request.address === address).length
    if (wrongHere >= mostWrongOfAddress || wrongInAll >= mostWrong) {
      throw new MoonlightError('too-many-attempts', 'Cannot pair: too many wrong PINs; try again in ten minutes')
    }
    if (here >= mostOfAddress || this.#pending.size >= mostRequests) {
      throw new MoonlightError('too-many-attempts', 'Cannot pair: too many clients wait for their PIN')
    }
  }

  #countWrong(address: string): void {
    const before = this.#wrong.get(address)?.count ?? 0
    this.#wrong.set(address, { count: before + 1, lastMs: this.#options.clock.nowMs() })
  }
}

function hexBytes(digits: string, bytes: number | undefined): Uint8Array {
  if (
    digits.length > 4096 ||
    !/^([0-9a-f]{2})*$/i.test(digits) ||
    (bytes !== undefined && digits.length !== 2 * bytes)
  ) {
    throw new MoonlightError(
      'malformed',
      `Cannot pair: ${digits.length} hexadecimal digits, wanted ${bytes ?? 'some'} bytes`,
    )
  }
  return Uint8Array.from(Buffer.from(digits, 'hex'))
}
