import type { Unsubscribe } from '../../kernel/readable.ts'
import type { Display, DisplayInput } from '../display/contract/display.ts'
import type { GamepadPort, VirtualGamepad } from '../gamepad/gamepad.ts'
import type { GamepadEvent, Rumble } from '../../domain/gamepad.ts'
import { HostError } from '../contract/host-error.ts'
import type { InputEvent, InputMessage } from '../../domain/input-event.ts'
import type { HostedLobby } from '../lobby/hosted-lobby.ts'
import { seatUseOf } from '../seats/input-seat.ts'
import type { SeatId } from '../../domain/seat.ts'
import { SessionClipboard } from './session-clipboard.ts'
import { SessionGamepads } from './session-gamepads.ts'

export interface SessionDevicesOptions {
  readonly sessionId: string
  /** The session's lobby while that can be seen and played. */
  readonly lobby: () => HostedLobby | undefined
  /** What that lobby is shown on; undefined for an app without a display. */
  readonly display: () => Display | undefined
  /** Undefined where there can be none. */
  readonly gamepads: GamepadPort | undefined
  /** Input was dropped that the session has no seat for. */
  readonly onDropped: () => void
}

/** A player's keyboard and pointer on a display; open while the player holds the seat. */
interface OpenInput {
  readonly display: Display
  readonly devices: DisplayInput
}

/** What a session plays with: keyboard, pointer, clipboard and gamepads of the lobby that it is in, by the seats it holds. */
export class SessionDevices {
  readonly #options: SessionDevicesOptions
  readonly #clipboard = new SessionClipboard()
  readonly #gamepads: SessionGamepads
  #input: OpenInput | undefined

  constructor(options: SessionDevicesOptions) {
    this.#options = options
    const leases = () => options.lobby()?.leases
    const { sessionId } = options
    this.#gamepads = new SessionGamepads({
      sessionId,
      seats: () => leases()?.view.value ?? [],
      holds: (seat) => this.holds(seat),
      use: (seat) => leases()?.use(sessionId, { seat, claim: 'none' }) ?? false,
      request: (seat) => leases()?.change(sessionId, seat, { do: 'request' }),
      release: (seat) => leases()?.change(sessionId, seat, { do: 'release' }),
      open: () => this.#openGamepad(),
    })
  }

  /** Where somebody points who has not taken the seat yet: what they turn first is turned there. */
  #pointedAt: InputEvent | undefined

  holds(seat: SeatId): boolean {
    return this.#options.lobby()?.leases.holds(this.#options.sessionId, seat) ?? false
  }

  /** Whether keys or buttons of a seat are down. */
  isBusy(seat: SeatId): boolean {
    return seat === 'keyboard-mouse' ? this.#input?.devices.holding === true : this.#gamepads.isBusy(seat)
  }

  input(event: InputMessage): void {
    const { sessionId, onDropped } = this.#options
    const lobby = this.#options.lobby()
    if (isOfGamepad(event)) {
      if (!this.#gamepads.handle(event)) onDropped()
      return
    }
    if (event.type === 'release-all') this.#gamepads.releaseAll()
    if ('x' in event && event.x !== undefined && event.y !== undefined)
      lobby?.pointers.move(sessionId, event.x, event.y)
    const use = seatUseOf(event)
    if (use && !lobby?.leases.use(sessionId, use)) {
      if (event.type === 'pointer') this.#pointedAt = event
      return onDropped()
    }
    if (this.#pointedAt && event.type === 'wheel') this.#input?.devices.send(this.#pointedAt)
    if (use) this.#pointedAt = undefined
    this.#input?.devices.send(event)
  }

  releaseAll(): void {
    this.#input?.devices.send({ type: 'release-all' })
    this.#gamepads.releaseAll()
  }

  /** Rejects with HostError `seat-not-held`, and as {@link SessionClipboard.write} does. */
  async writeClipboard(text: string): Promise<void> {
    const lobby = this.#options.lobby()
    if (lobby && !lobby.leases.use(this.#options.sessionId, { seat: 'keyboard-mouse', claim: 'deed' })) {
      throw new HostError('seat-not-held', 'Cannot copy to the app: somebody else has keyboard and mouse')
    }
    await this.#clipboard.write(text)
  }

  onCopy(listener: (text: string) => void): Unsubscribe {
    return this.#clipboard.onCopy(listener)
  }

  onRumble(listener: (pad: number, rumble: Rumble) => void): Unsubscribe {
    return this.#gamepads.onRumble(listener)
  }

  /** The lobby, its display, the seats or the role have changed: what the session may use is open, and nothing else. */
  settle(mayPlay: boolean): void {
    const display = this.#options.display()
    this.#useInputOf(this.holds('keyboard-mouse') ? display : undefined)
    this.#gamepads.settle()
    this.#clipboard.use(mayPlay ? display : undefined)
  }

  /** Out of the lobby: everything goes up. */
  leave(): void {
    this.#useInputOf(undefined)
    this.#clipboard.use(undefined)
    this.#gamepads.close()
  }

  #useInputOf(display: Display | undefined): void {
    if (this.#input?.display === display) return
    this.#input?.devices.close()
    this.#input = undefined
    if (!display) return
    try {
      this.#input = { display, devices: display.openInput() }
    } catch {
      // The display has just died: its lobby is about to know, and this is called again for the next one.
    }
  }

  #openGamepad(): VirtualGamepad | undefined {
    try {
      return this.#options.display() && this.#options.gamepads?.open()
    } catch {
      // As if there were none: the machine's own report says what is missing.
      return undefined
    }
  }
}

function isOfGamepad(event: InputMessage): event is GamepadEvent {
  return event.type === 'gamepad' || event.type === 'gamepad-connect' || event.type === 'gamepad-disconnect'
}
