import type { ManualClock } from '../../src/kernel/manual-clock.ts'
import { SimulatedLink, type LinkConditions } from '../../src/net/link/simulated-link.ts'
import type { DatagramChannel } from '../../src/net/streams/datagram-channel.ts'

type ChannelEnd = Awaited<DatagramChannel['closed']>

/** IP, UDP, and a seal. */
const overheadBytes = 60

/** One end of a channel of datagrams over simulated links, in virtual time. */
export class SimulatedChannel implements DatagramChannel {
  readonly maxBytes = 1200
  readonly closed: Promise<ChannelEnd>
  /** The way to the other end. */
  readonly link: SimulatedLink<Uint8Array>
  onDatagram: (bytes: Uint8Array) => void = () => {}
  onPathChange: () => void = () => {}
  /** Datagrams that were sent. */
  sent = 0
  /** How long each had to wait before the narrow part, in milliseconds. */
  readonly waitsMs: number[] = []
  readonly #clock: ManualClock
  readonly #settle: (end: ChannelEnd) => void
  #other: SimulatedChannel | undefined
  #isOpen = true

  constructor(clock: ManualClock, link: SimulatedLink<Uint8Array>) {
    const { promise, resolve } = Promise.withResolvers<ChannelEnd>()
    this.closed = promise
    this.#settle = resolve
    this.#clock = clock
    this.link = link
  }

  lead(other: SimulatedChannel): void {
    this.#other = other
  }

  send(bytes: Uint8Array): boolean {
    if (!this.#isOpen) return false
    const nowUs = this.#clock.nowMs() * 1000
    this.sent++
    this.waitsMs.push(this.link.queueUs(nowUs) / 1000)
    this.link.send(Uint8Array.from(bytes), bytes.length + overheadBytes, nowUs)
    const arrivalUs = this.link.latestUs
    if (arrivalUs !== undefined) this.#clock.after((arrivalUs - nowUs) / 1000, () => this.#deliver())
    return true
  }

  #deliver(): void {
    const nowUs = this.#clock.nowMs() * 1000 + 0.5
    for (let next = this.link.receive(nowUs); next; next = this.link.receive(nowUs)) {
      if (this.#other?.isOpen === true) this.#other.onDatagram(next.datagram)
    }
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  close(cause: string, reason = ''): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#settle({ cause, reason })
    this.#clock.after(this.link.conditions.delayUs / 1000, () => this.#other?.close(cause, reason))
  }
}

export interface SimulatedPath {
  readonly there: Partial<LinkConditions>
  /** As `there` unless given. */
  readonly back?: Partial<LinkConditions>
  readonly seed: number
}

/** Both ends. */
export function openSimulatedChannels(
  clock: ManualClock,
  { there, back = there, seed }: SimulatedPath,
): readonly [SimulatedChannel, SimulatedChannel] {
  const one = new SimulatedChannel(clock, new SimulatedLink<Uint8Array>(there, seed))
  const other = new SimulatedChannel(clock, new SimulatedLink<Uint8Array>(back, seed + 1))
  one.lead(other)
  other.lead(one)
  return [one, other]
}

/** Lets so much time pass, and everything happen that waits for it. */
export async function pass(clock: ManualClock, durationMs: number, stepMs = 1): Promise<void> {
  for (let passedMs = 0; passedMs < durationMs; passedMs += stepMs) {
    clock.advance(stepMs)
    await settle()
  }
}

/** Lets time pass until this is so, at most `limitMs`. */
export async function until(clock: ManualClock, condition: () => boolean, limitMs = 60_000): Promise<void> {
  const endMs = clock.nowMs() + limitMs
  while (!condition()) {
    if (clock.nowMs() >= endMs) throw new Error(`It was not so within ${limitMs} ms of virtual time`)
    clock.advance(1)
    await settle()
  }
}

/** Lets time pass until that promise is settled, at most `limitMs`. Whoever waits for it hears how. */
export async function untilSettled(
  clock: ManualClock,
  promise: Promise<unknown>,
  limitMs: number,
  stepMs = 5,
): Promise<void> {
  const state = { isSettled: false }
  const settled = () => void (state.isSettled = true)
  promise.then(settled, settled)
  for (let passedMs = 0; passedMs < limitMs && !state.isSettled; passedMs += stepMs) await pass(clock, stepMs, stepMs)
}

/** What was promised has happened, and what that brings about. */
function settle(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  setImmediate(resolve)
  return promise
}
