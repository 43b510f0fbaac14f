import type { Clock, Timer } from '../../../kernel/clock.ts'
import type { PointerButton } from '../../../domain/input-event.ts'
import type { Size } from '../../../domain/size.ts'
import type { XConnection } from '../x11/x-connection.ts'

export interface PointerOptions {
  readonly x: XConnection
  readonly clock: Clock
  /** The display's size now. */
  readonly size: () => Size
}

/** Shortest time between two motions that the server is told of, in milliseconds. */
const motionPeriodMs = 4

/** The buttons' numbers in the core protocol; 4 to 7 are the wheel. */
const buttonNumbers: Readonly<Record<PointerButton, number>> = { left: 1, middle: 2, right: 3, back: 8, forward: 9 }

/** Pixels that one relative motion can go at most. */
const farthestMove = 8192

/** A motion that waits to be sent. */
type Motion =
  | { readonly kind: 'to'; readonly x: number; readonly y: number }
  | { readonly kind: 'by'; readonly dx: number; readonly dy: number }

/**
 * The one pointer of a display, shared by its players. Motions are sent at a bounded rate, each the latest there is,
 * and always before the button or key that comes after them.
 */
export class Pointer {
  readonly #options: PointerOptions
  /** How many players hold each button. */
  readonly #holders = new Map<PointerButton, number>()
  #pending: Motion | undefined
  #timer: Timer | undefined
  #sentAtMs = -Infinity

  constructor(options: PointerOptions) {
    this.#options = options
  }

  /** Goes to a place given as fractions of the picture. */
  moveTo(x: number, y: number): void {
    if (!Number.isFinite(x) || !Number.isFinite(y)) return
    if (this.#pending?.kind === 'by') this.flush()
    this.#pending = { kind: 'to', x, y }
    this.#flushSoon()
  }

  /** Goes some pixels further; fractions are kept until they make a pixel. */
  moveBy(dx: number, dy: number): void {
    if (!Number.isFinite(dx) || !Number.isFinite(dy)) return
    if (this.#pending?.kind === 'to') this.flush()
    const before = this.#pending?.kind === 'by' ? this.#pending : { dx: 0, dy: 0 }
    this.#pending = { kind: 'by', dx: before.dx + dx, dy: before.dy + dy }
    this.#flushSoon()
  }

  /** Sends the motion that waits, if there is one. */
  flush(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    const motion = this.#pending
    if (!motion) return
    this.#pending = undefined
    this.#sentAtMs = this.#options.clock.nowMs()
    if (motion.kind === 'to') this.#sendPosition(motion.x, motion.y)
    else this.#sendMove(motion.dx, motion.dy)
  }

  press(button: PointerButton): void {
    this.flush()
    const holders = this.#holders.get(button) ?? 0
    this.#holders.set(button, holders + 1)
    if (holders === 0) this.#fakeButton(buttonNumbers[button], true)
  }

  release(button: PointerButton): void {
    this.flush()
    const holders = this.#holders.get(button) ?? 0
    if (holders > 1) {
      this.#holders.set(button, holders - 1)
    } else if (holders === 1) {
      this.#holders.delete(button)
      this.#fakeButton(buttonNumbers[button], false)
    }
  }

  /** Turns the wheel by whole notches. */
  turn(horizontal: number, vertical: number): void {
    this.flush()
    this.#click(vertical < 0 ? 4 : 5, Math.abs(vertical))
    this.#click(horizontal < 0 ? 6 : 7, Math.abs(horizontal))
  }

  /** Forgets everything: the display has ended. */
  stop(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#pending = undefined
  }

  #flushSoon(): void {
    if (this.#timer) return
    const { clock } = this.#options
    const dueInMs = this.#sentAtMs + motionPeriodMs - clock.nowMs()
    if (dueInMs <= 0) this.flush()
    else this.#timer = clock.after(dueInMs, () => this.flush())
  }

  #sendPosition(x: number, y: number): void {
    const { width, height } = this.#options.size()
    this.#fakeMotion(0, pixelAt(x, width), pixelAt(y, height))
  }

  #sendMove(dx: number, dy: number): void {
    const [wholeX, wholeY] = [Math.trunc(dx), Math.trunc(dy)]
    if (wholeX !== 0 || wholeY !== 0) this.#fakeMotion(1, limited(wholeX), limited(wholeY))
    if (dx !== wholeX || dy !== wholeY) this.#pending = { kind: 'by', dx: dx - wholeX, dy: dy - wholeY }
  }

  #click(button: number, times: number): void {
    for (let notch = 0; notch < times; notch++) {
      this.#fakeButton(button, true)
      this.#fakeButton(button, false)
    }
  }

  #fakeMotion(relative: 0 | 1, x: number, y: number): void {
    const connection = this.#options.x
    connection.tell(() => connection.xtest.FakeInput(connection.xtest.MotionNotify, relative, 0, 0, x, y))
  }

  #fakeButton(button: number, down: boolean): void {
    const { x } = this.#options
    x.tell(() => x.xtest.FakeInput(down ? x.xtest.ButtonPress : x.xtest.ButtonRelease, button, 0, 0, 0, 0))
  }
}

/** Fractions travel as so many parts of the whole, rounded. */
const wireParts = 65_535

/** The pixel in which a fraction of a side lies, kept within it. One that was rounded out of its pixel is still in it. */
export function pixelAt(fraction: number, side: number): number {
  const within = Math.min(Math.max(fraction, 0), 1)
  return Math.min(side - 1, Math.floor(within * side + side / wireParts / 2 + 1e-6))
}

function limited(pixels: number): number {
  return Math.min(Math.max(pixels, -farthestMove), farthestMove)
}
