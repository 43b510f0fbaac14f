import type { Clock, Timer } from '../../kernel/clock.ts'
import { GamepadSender } from '../../wire/input/gamepad-message.ts'
import type { InputMessage } from '../../domain/input-event.ts'
import { encodeKeysMessage, maxTextBytes, splitText, type KeysMessage } from '../../wire/input/keys-message.ts'
import { PointerSender } from '../../wire/input/pointer-message.ts'

/** What the sender needs of an RTCDataChannel. */
export type InputChannelLike = Pick<RTCDataChannel, 'readyState' | 'bufferedAmount'> & {
  send(bytes: Uint8Array<ArrayBuffer>): void
}

/** The newest of a channel's messages is known by its number, which goes on when the channel is used again. */
interface Counting {
  readonly motion: PointerSender
  readonly gamepads: GamepadSender
}

type Motion = Extract<InputMessage, { type: 'pointer' | 'pointer-relative' }>
type Wheel = Extract<InputMessage, { type: 'wheel' }>

/** Motion and wheel go out at most this often; the newest position, or the sum, goes. */
const paceMs = 8
/** More than this waiting in a channel means that the path is stuck. */
const maxKeysBacklogBytes = 16 * maxTextBytes
const maxPointerBacklogBytes = 256

/** Where input goes: paced, coalesced and split over the two data channels of the connection there is now. */
export class InputSender {
  readonly #clock: Clock
  readonly #counting = new WeakMap<InputChannelLike, Counting>()
  #channels: (Counting & { readonly keys: InputChannelLike; readonly pointer: InputChannelLike }) | undefined
  #motion: Motion | undefined
  #wheel: Wheel | undefined
  #lastMs = -Infinity
  #timer: Timer | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Sends over these channels from now on. */
  connect(keys: InputChannelLike, pointer: InputChannelLike): void {
    this.disconnect()
    const counting = this.#counting.get(pointer) ?? { motion: new PointerSender(), gamepads: new GamepadSender() }
    this.#counting.set(pointer, counting)
    this.#channels = { keys, pointer, ...counting }
  }

  /** There are channels. */
  get connected(): boolean {
    return this.#channels !== undefined
  }

  /** Forgets the channels and what waits for them; the host releases what was held. */
  disconnect(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#motion = undefined
    this.#wheel = undefined
    this.#channels = undefined
  }

  /** False when it was dropped because there is no connection or the path is stuck. */
  send(message: InputMessage): boolean {
    if (!this.#channels) return false
    switch (message.type) {
      case 'pointer':
        this.#motion = message
        return this.#pace()
      case 'pointer-relative':
        this.#motion = sumMotion(this.#motion, message)
        return this.#pace()
      case 'wheel':
        this.#wheel = {
          type: 'wheel',
          dx: (this.#wheel?.dx ?? 0) + message.dx,
          dy: (this.#wheel?.dy ?? 0) + message.dy,
        }
        return this.#pace()
      case 'button':
        // Its own position is newer than that of a motion that still waits.
        if (message.x !== undefined && this.#motion?.type === 'pointer') this.#motion = undefined
        this.#flush()
        return this.#sendKeys(message)
      case 'gamepad':
        return this.#sendGamepad(message)
      case 'text':
        this.#flush()
        return splitText(message.text).every((text) => this.#sendKeys({ type: 'text', text }))
      default:
        this.#flush()
        return this.#sendKeys(message)
    }
  }

  #pace(): boolean {
    const waitMs = this.#lastMs + paceMs - this.#clock.nowMs()
    if (waitMs <= 0) this.#flush()
    else this.#timer ??= this.#clock.after(waitMs, () => this.#flush())
    return true
  }

  #flush(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    const motion = this.#motion
    const wheel = this.#wheel
    this.#motion = undefined
    this.#wheel = undefined
    if (motion || wheel) this.#lastMs = this.#clock.nowMs()
    if (motion) this.#sendMotion(motion)
    if (wheel) this.#sendKeys(wheel)
  }

  #sendMotion(motion: Motion): void {
    const channels = this.#channels
    if (!channels) return
    // Encoded in any case: the totals of relative motion have to grow with what is dropped here.
    const bytes = channels.motion.encode(motion)
    send(channels.pointer, bytes, maxPointerBacklogBytes)
  }

  /** A button goes the sure way; a stick that moves on is overtaken by where it moves next. */
  #sendGamepad({ pad, state }: Extract<InputMessage, { type: 'gamepad' }>): boolean {
    const channels = this.#channels
    if (!channels) return false
    const { bytes, mustArrive } = channels.gamepads.encode(pad, state)
    return mustArrive
      ? send(channels.keys, bytes, maxKeysBacklogBytes)
      : send(channels.pointer, bytes, maxPointerBacklogBytes)
  }

  #sendKeys(message: KeysMessage): boolean {
    return this.#channels !== undefined && send(this.#channels.keys, encodeKeysMessage(message), maxKeysBacklogBytes)
  }
}

function sumMotion(waiting: Motion | undefined, more: Extract<Motion, { type: 'pointer-relative' }>): Motion {
  if (waiting?.type !== 'pointer-relative') return more
  return { type: 'pointer-relative', dx: waiting.dx + more.dx, dy: waiting.dy + more.dy }
}

function send(channel: InputChannelLike, bytes: Uint8Array, maxBacklogBytes: number): boolean {
  if (channel.readyState !== 'open' || channel.bufferedAmount > maxBacklogBytes) return false
  channel.send(bytes as Uint8Array<ArrayBuffer>)
  return true
}
