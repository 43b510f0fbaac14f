import { readFile } from 'node:fs/promises'
import type { PointerState, XEvent } from 'x11'
import type { Display } from '../../src/host/display/contract/display.ts'
import { cookieLength } from '../../src/host/display/x11/authority.ts'
import { openXConnection, type XConnection } from '../../src/host/display/x11/x-connection.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import { silentLog } from '../../src/kernel/log.ts'

/** Core protocol, "SETofEVENT": key and button, press and release, and pointer motion. */
const inputEvents = 0b100_1111

/** How long something that should arrive is waited for, in milliseconds. */
const patienceMs = 10_000

/** What arrived: for instance `KeyPress 38`, `ButtonRelease 1`, or `Motion 10,20`. */
export type Arrival = string

/** A window over the whole of a display that has the focus and writes down what arrives in it. */
export class ProbeWindow implements AsyncDisposable {
  readonly #x: XConnection
  readonly #arrivals: Arrival[] = []
  readonly #states: number[] = []
  #changed = Promise.withResolvers<void>()

  constructor(x: XConnection) {
    this.#x = x
    x.onEvent((event) => this.#arrived(event))
  }

  get arrivals(): readonly Arrival[] {
    return this.#arrivals
  }

  /** The modifiers and buttons that were down before each arrival. */
  get states(): readonly number[] {
    return this.#states
  }

  /** Waits until what has arrived satisfies `accept`. */
  async until(accept: (arrivals: readonly Arrival[]) => boolean): Promise<void> {
    const late = Promise.withResolvers<never>()
    const timer = systemClock.after(patienceMs, () =>
      late.reject(new Error(`Waited in vain; what arrived: ${this.#arrivals.slice(-20).join(', ')}`)),
    )
    try {
      while (!accept(this.#arrivals)) await Promise.race([this.#changed.promise, late.promise])
    } finally {
      timer.cancel()
    }
  }

  forget(): void {
    this.#arrivals.length = 0
    this.#states.length = 0
  }

  /** The keycodes that are down on the server. */
  async heldKeys(): Promise<readonly number[]> {
    const bits = await this.#x.ask<Uint8Array>((answer) => this.#x.client.QueryKeymap(answer))
    return Array.from({ length: 256 }, (_, code) => code).filter((code) => (bits[code >> 3] ?? 0) & (1 << (code & 7)))
  }

  /** Where the pointer is, and which modifiers and buttons are down on the server. */
  pointer(): Promise<PointerState> {
    return this.#x.ask((answer) => this.#x.client.QueryPointer(this.#x.root, answer))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#x.close()
  }

  #arrived(event: XEvent): void {
    const { name = '', keycode, rootx, rooty, buttons = 0 } = event
    if (!/^(Key|Button)(Press|Release)$|^MotionNotify$/.test(name)) return
    this.#arrivals.push(name === 'MotionNotify' ? `Motion ${rootx},${rooty}` : `${name} ${keycode}`)
    this.#states.push(buttons)
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
  }
}

export async function openProbeWindow(display: Display): Promise<ProbeWindow> {
  const x = await connectTo(display)
  const { client, root } = x
  const id = client.AllocID()
  const { width, height } = display.size.value
  client.CreateWindow(id, root, 0, 0, width, height, 0, 0, 1, 0, { eventMask: inputEvents, overrideRedirect: true })
  client.MapWindow(id)
  const probe = new ProbeWindow(x)
  // A window can be given the focus from when the server has mapped it.
  await x.roundTrip()
  client.SetInputFocus(id, 1)
  await x.roundTrip()
  return probe
}

/** Another connection to a display, with the cookie from its authority file. */
export async function connectTo(display: Display): Promise<XConnection> {
  const cookie = (await readFile(display.authorityFile)).subarray(-cookieLength)
  const displayNumber = Number(display.name.slice(1))
  return openXConnection({ displayNumber, cookie, log: silentLog, clock: systemClock })
}
