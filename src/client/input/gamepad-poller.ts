import type { Clock, Timer } from '../../kernel/clock.ts'
import { maxPads, type GamepadState } from '../../domain/gamepad.ts'
import type { InputMessage } from '../../domain/input-event.ts'
import { isSameGamepad, neutralGamepad, readGamepad, type GamepadLike } from './gamepad-reading.ts'

export interface GamepadPollerOptions {
  readonly clock: Clock
  /** The pads that the browser shows now, with gaps. */
  readonly look: () => readonly (GamepadLike | null)[]
  readonly send: (message: InputMessage) => void
}

/** How often pads are looked at, while there are any, in milliseconds: browsers tell of nothing but plugging. */
const lookMs = 8

/** Pads of the browser by their place on the host, and what the host was told of them. */
interface Told {
  readonly index: number
  state: GamepadState
}

/** Tells what happens on the gamepads of this machine: at most four, in the standard layout. */
export class GamepadPoller {
  readonly #options: GamepadPollerOptions
  readonly #pads = new Map<number, Told>()
  #timer: Timer | undefined

  constructor(options: GamepadPollerOptions) {
    this.#options = options
  }

  /** Looks which pads are there; to be called when one was plugged in or out. */
  refresh(): void {
    const there = this.#there()
    for (const [pad, { index }] of this.#pads) {
      if (there.has(index)) continue
      this.#pads.delete(pad)
      this.#options.send({ type: 'gamepad-disconnect', pad })
    }
    for (const index of there.keys()) {
      if (this.padOf(index) !== undefined || this.#pads.size >= maxPads) continue
      const pad = Array.from({ length: maxPads }, (_, place) => place).find((place) => !this.#pads.has(place)) ?? 0
      this.#pads.set(pad, { index, state: neutralGamepad })
      this.#options.send({ type: 'gamepad-connect', pad })
    }
    if (this.#pads.size === 0) this.#stop()
    else this.#timer ??= this.#options.clock.every(lookMs, () => this.#look())
  }

  /** The host was told to let everything go, or knows nothing: what is pressed is told anew. */
  forget(): void {
    for (const told of this.#pads.values()) told.state = neutralGamepad
  }

  /** A new connection knows of no pads. */
  introduce(): void {
    this.forget()
    for (const pad of this.#pads.keys()) this.#options.send({ type: 'gamepad-connect', pad })
  }

  /** Which of the browser's pads one of ours is. */
  indexOf(pad: number): number | undefined {
    return this.#pads.get(pad)?.index
  }

  padOf(index: number): number | undefined {
    return [...this.#pads].find(([, told]) => told.index === index)?.[0]
  }

  close(): void {
    this.#stop()
    for (const pad of this.#pads.keys()) this.#options.send({ type: 'gamepad-disconnect', pad })
    this.#pads.clear()
  }

  #look(): void {
    const there = this.#there()
    for (const [pad, told] of this.#pads) {
      const gamepad = there.get(told.index)
      if (!gamepad) return this.refresh()
      const state = readGamepad(gamepad)
      if (isSameGamepad(state, told.state)) continue
      told.state = state
      this.#options.send({ type: 'gamepad', pad, state })
    }
  }

  #there(): ReadonlyMap<number, GamepadLike> {
    const usable = this.#options.look().filter((pad) => pad?.connected === true && pad.mapping === 'standard')
    return new Map(usable.flatMap((pad) => (pad ? [[pad.index, pad] as const] : [])))
  }

  #stop(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }
}
