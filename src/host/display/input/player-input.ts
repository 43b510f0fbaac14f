import { sleep, type Clock } from '../../../kernel/clock.ts'
import type { Log } from '../../../kernel/log.ts'
import type { InputEvent, PointerButton } from '../../../domain/input-event.ts'
import type { DisplayInput } from '../contract/display.ts'
import type { XConnection } from '../x11/x-connection.ts'
import { Backlog, type Pending, type PendingText } from './backlog.ts'
import type { Keyboard } from './keyboard.ts'
import { PlayerKeys, type Outcome } from './player-keys.ts'
import type { Pointer } from './pointer.ts'
import { Wheel } from './wheel.ts'

export interface PlayerInputOptions {
  readonly x: XConnection
  readonly keyboard: Keyboard
  readonly pointer: Pointer
  readonly clock: Clock
  readonly log: Log
  /** Called once, when it is closed. */
  readonly onClose: () => void
}

/** Characters that are written before the server is waited for. */
const charactersAtOnce = 64
/** How often it is tried again to get a keycode for a character, in milliseconds. */
const retryMs = 10

/**
 * One player's keyboard and pointer. Events are done at once and in order; behind a text that takes time they wait. What
 * cannot be done is counted and dropped.
 */
export class PlayerInput implements DisplayInput {
  readonly #options: PlayerInputOptions
  readonly #keys: PlayerKeys
  readonly #buttons = new Set<PointerButton>()
  readonly #horizontal: Wheel
  readonly #vertical: Wheel
  readonly #backlog = new Backlog()
  #working = false
  #closed = false
  #dropped = 0

  constructor(options: PlayerInputOptions) {
    this.#options = options
    this.#keys = new PlayerKeys(options.keyboard, () => options.clock.nowMs())
    this.#horizontal = new Wheel(options.clock)
    this.#vertical = new Wheel(options.clock)
  }

  get holding(): boolean {
    return this.#keys.holding || this.#buttons.size > 0
  }

  send(event: InputEvent): void {
    if (this.#closed || this.#options.x.congested) {
      this.#dropped++
      // A server that does not keep up gets nothing new, but what goes up must not stay down.
      if (!this.#closed && isRelease(event)) this.#releaseAll()
    } else if (event.type === 'release-all') {
      this.#backlog.dropEvents()
      this.#releaseAll()
    } else if (event.type === 'text') {
      this.#queue(pendingText(event.text))
    } else if (event.type === 'key' && isText(event.key)) {
      if (event.down) this.#queue(pendingText(event.key))
    } else if (this.#backlog.first || this.#do(event) === 'later') {
      this.#queue(event)
    }
  }

  write(text: string): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>()
    if (this.#closed || !this.#queue({ ...pendingText(text), settle: resolve })) resolve(false)
    return promise
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#backlog.clear()
    this.#releaseAll()
    if (this.#dropped > 0) this.#options.log.debug('Dropped input that could not be done', { events: this.#dropped })
    this.#options.onClose()
  }

  /** False when there is no room. */
  #queue(event: Pending): boolean {
    if (this.#backlog.push(event)) {
      if (!this.#working) void this.#work()
      return true
    }
    this.#dropped++
    if (event.type === 'pending-text') return false
    // Downs without their ups, or the other way round, would leave keys stuck: none of what waits is done.
    this.#backlog.dropEvents()
    this.#releaseAll()
    return false
  }

  /** Does what waits, in order. */
  async #work(): Promise<void> {
    const { x, clock } = this.#options
    this.#working = true
    try {
      for (let event = this.#backlog.first; event; event = this.#backlog.first) {
        const outcome = event.type === 'pending-text' ? this.#write(event) : this.#do(event)
        if (outcome === 'later') await sleep(clock, retryMs)
        else if (event.type !== 'pending-text') this.#backlog.shift()
        else if (event.written < event.characters.length) await x.roundTrip()
        else if (this.#backlog.first === event) this.#backlog.shift()
      }
    } catch {
      // The connection has ended, and the display with it.
      this.#backlog.clear()
    } finally {
      this.#working = false
    }
  }

  /** Writes some more of a text. */
  #write(text: PendingText): Outcome {
    this.#options.pointer.flush()
    const next = text.characters.slice(text.written, text.written + charactersAtOnce)
    this.#keys.writeAhead(next)
    for (const character of next) {
      const outcome = this.#keys.write(character)
      if (outcome === 'later') return 'later'
      if (outcome === 'impossible') this.#dropped++
      text.written++
    }
    return 'done'
  }

  #do(event: Exclude<Pending, PendingText>): Outcome {
    const { pointer } = this.#options
    switch (event.type) {
      case 'key': {
        return this.#key(event)
      }
      case 'pointer': {
        pointer.moveTo(event.x, event.y)
        return 'done'
      }
      case 'pointer-relative': {
        pointer.moveBy(event.dx, event.dy)
        return 'done'
      }
      case 'button': {
        if (event.x !== undefined && event.y !== undefined) pointer.moveTo(event.x, event.y)
        this.#button(event.button, event.down)
        return 'done'
      }
      case 'wheel': {
        pointer.turn(this.#horizontal.turn(event.dx), this.#vertical.turn(event.dy))
        return 'done'
      }
    }
  }

  #key({ code, key, down }: InputEvent & { type: 'key' }): Outcome {
    this.#options.pointer.flush()
    if (!down) {
      this.#keys.up(code, key)
      return 'done'
    }
    const outcome = this.#keys.down(code, key)
    if (outcome === 'impossible') this.#dropped++
    return outcome
  }

  #button(button: PointerButton, down: boolean): void {
    if (down === this.#buttons.has(button)) return
    if (down) {
      this.#buttons.add(button)
      this.#options.pointer.press(button)
    } else {
      this.#buttons.delete(button)
      this.#options.pointer.release(button)
    }
  }

  #releaseAll(): void {
    this.#keys.releaseAll()
    for (const button of this.#buttons) this.#options.pointer.release(button)
    this.#buttons.clear()
  }
}

function isRelease(event: InputEvent): boolean {
  return event.type === 'release-all' || ((event.type === 'key' || event.type === 'button') && !event.down)
}

/** True for a key that stands for a written text of several characters and is not the name of a key. */
function isText(key: string): boolean {
  return Array.from(key).length > 1 && !/^[A-Z][A-Za-z0-9]+$/.test(key)
}

function pendingText(text: string): PendingText {
  return { type: 'pending-text', characters: Array.from(text.replaceAll(/\r\n?/g, '\n')), written: 0 }
}
