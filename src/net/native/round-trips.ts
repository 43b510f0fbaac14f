import type { SealedMessage } from '../../wire/native/sealed-message.ts'

/** Of all that are on the way; more are asked only where nothing answers. */
const mostPings = 64

/** What pings and their answers tell of a path: how long they take, what is lost of the packets sent, and when something answered last. */
export class RoundTrips {
  readonly #sentMs = new Map<number, number>()
  #nextId = 0
  #smoothedMs: number | undefined
  #leastMs = Infinity
  #lossRatio = 0
  #told: { readonly newest: number; readonly received: number } | undefined
  #answeredMs: number

  constructor(nowMs: number) {
    this.#answeredMs = nowMs
  }

  /** Smoothed as in RFC 6298; undefined before the first answer. */
  get smoothedMs(): number | undefined {
    return this.#smoothedMs
  }

  /** The shortest so far; Infinity before the first. */
  get leastMs(): number {
    return this.#leastMs
  }

  /** The share of packets sent that did not come in time, 0 to 1, smoothed. */
  get lossRatio(): number {
    return this.#lossRatio
  }

  /** When the peer last answered: it heard us, and we hear it. */
  get answeredMs(): number {
    return this.#answeredMs
  }

  ask(nowMs: number): SealedMessage {
    const id = this.#nextId
    this.#nextId = (id + 1) >>> 0
    this.#sentMs.set(id, nowMs)
    for (const first of this.#sentMs.keys()) {
      if (this.#sentMs.size <= mostPings) break
      this.#sentMs.delete(first)
    }
    return { kind: 'ping', id }
  }

  /** What came for the answer to a ping that is not known, or was answered, tells nothing. */
  answered({ id, newest, received }: Extract<SealedMessage, { kind: 'pong' }>, nowMs: number): void {
    const sentMs = this.#sentMs.get(id)
    if (sentMs === undefined) return
    this.#sentMs.delete(id)
    this.#answeredMs = nowMs
    const tookMs = nowMs - sentMs
    this.#leastMs = Math.min(this.#leastMs, tookMs)
    this.#smoothedMs = this.#smoothedMs === undefined ? tookMs : this.#smoothedMs + (tookMs - this.#smoothedMs) / 8
    const sent = newest - (this.#told?.newest ?? -1)
    if (sent <= 0) return
    const share = Math.min(1, Math.max(0, 1 - (received - (this.#told?.received ?? 0)) / sent))
    this.#lossRatio += (share - this.#lossRatio) / 4
    this.#told = { newest, received }
  }

  /** On another path, nothing of this is known; only that the peer is there. */
  forget(nowMs: number): void {
    this.#sentMs.clear()
    this.#smoothedMs = undefined
    this.#leastMs = Infinity
    this.#lossRatio = 0
    this.#answeredMs = nowMs
  }
}
