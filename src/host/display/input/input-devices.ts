import type { Clock, Timer } from '../../../kernel/clock.ts'
import { messageOf } from '../../../kernel/coded-error.ts'
import type { Log } from '../../../kernel/log.ts'
import type { DisplayInput } from '../contract/display.ts'
import type { Size } from '../../../domain/size.ts'
import type { XConnection } from '../x11/x-connection.ts'
import { openKeyboard, type Keyboard } from './keyboard.ts'
import { CharacterTable } from './keysyms.ts'
import { PlayerInput } from './player-input.ts'
import { Pointer } from './pointer.ts'

export interface InputDevicesOptions {
  readonly x: XConnection
  readonly clock: Clock
  readonly log: Log
  /** The display's size now. */
  readonly size: () => Size
}

/** How long changes of the keyboard are gathered before it is read again, in milliseconds. */
const reloadDelayMs = 50

/** XKB event types (XKB protocol, "Events"). */
const newKeyboardNotify = 0
const mapNotify = 1

/** The keyboard and the pointer of a display, and the players who share them. */
export class InputDevices {
  readonly #options: InputDevicesOptions
  readonly #keyboard: Keyboard
  readonly #pointer: Pointer
  readonly #players = new Set<PlayerInput>()
  #reloadTimer: Timer | undefined
  #closed = false

  constructor(options: InputDevicesOptions, keyboard: Keyboard) {
    this.#options = options
    this.#keyboard = keyboard
    this.#pointer = new Pointer(options)
  }

  openPlayer(): DisplayInput {
    const player: PlayerInput = new PlayerInput({
      ...this.#options,
      keyboard: this.#keyboard,
      pointer: this.#pointer,
      onClose: () => this.#players.delete(player),
    })
    this.#players.add(player)
    return player
  }

  /** Reads the keyboard again, after its layout has changed. Rejects with a DisplayError. */
  reloadKeyboard(): Promise<void> {
    return this.#keyboard.reload()
  }

  /** Closes all players, which releases what they hold. */
  close(): void {
    this.#closed = true
    for (const player of this.#players) player.close()
    this.#pointer.stop()
    this.#reloadTimer?.cancel()
  }

  /** Begins to read the keyboard again whenever somebody on the display has changed it. */
  followKeyboard(): void {
    const { x, clock, log } = this.#options
    const events = (1 << newKeyboardNotify) | (1 << mapNotify)
    const parts = 0b111 // key types, keysyms, modifier map
    x.tell(() => x.xkb.SelectEvents(x.xkb.UseCoreKbd, events, 0, events, parts, parts))
    x.onEvent((event) => {
      if (event.xkbType !== newKeyboardNotify && event.xkbType !== mapNotify) return
      if (this.#closed || this.#reloadTimer) return
      this.#reloadTimer = clock.after(reloadDelayMs, () => {
        this.#reloadTimer = undefined
        this.reloadKeyboard().catch((error: unknown) =>
          log.debug('Cannot read the keyboard again', { error: messageOf(error) }),
        )
      })
    })
  }
}

/** Opens the input devices of a display. Rejects with a DisplayError. */
export async function openInputDevices(options: InputDevicesOptions): Promise<InputDevices> {
  const keyboard = await openKeyboard({ ...options, characters: new CharacterTable() })
  const devices = new InputDevices(options, keyboard)
  devices.followKeyboard()
  return devices
}
