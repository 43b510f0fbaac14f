import type { InputEvent, InputMessage } from '../../domain/input-event.ts'
import { may } from '../../domain/rights.ts'
import type { SessionInput, StreamSession } from '../../host/contract/stream-session.ts'
import { CodedError, messageOf } from '../../kernel/coded-error.ts'
import { pointerChannel, type InputChannel } from '../../wire/input/channels.ts'
import { gamepadKind, GamepadReceiver } from '../../wire/input/gamepad-message.ts'
import { decodeKeysMessage } from '../../wire/input/keys-message.ts'
import { PointerReceiver } from '../../wire/input/pointer-message.ts'
import type { GatewayCounters } from '../contract/gateway-counters.ts'
import type { Pump, Pumped } from '../sending/pump.ts'
import { TokenBucket } from '../../kernel/token-bucket.ts'

export interface InputIntakeOptions {
  readonly session: StreamSession
  readonly pump: Pump
  readonly nowUs: () => number
  readonly counters: GatewayCounters
  /** What was asked cannot be done; said once. */
  readonly refuse: (code: string, message: string) => void
  /** The client broke the protocol: the conversation ends. */
  readonly fault: (code: string, message: string) => void
}

/** Nobody types or clicks faster, not even all fingers at once. */
const keysPerSecond = 500
/** A mouse of 8,000 Hz still gets through; what is more than this is no mouse. */
const pointersPerSecond = 20_000
/** Between two motions that are handed on; a picture lasts longer. */
const pointerPeriodUs = 4000
/** A client that may not play and says so once more than this each second does not listen. */
const refusalsPerSecond = 5

type Motion = Extract<InputEvent, { type: 'pointer' | 'pointer-relative' }>

/** One viewer's input from its data channels: decoded, limited, thinned to what matters, and released at the end. */
export class InputIntake implements Pumped {
  readonly #options: InputIntakeOptions
  readonly #input: SessionInput
  readonly #pointer = new PointerReceiver()
  readonly #gamepads = new GamepadReceiver()
  readonly #keysLimit: TokenBucket
  readonly #pointerLimit: TokenBucket
  readonly #refusalLimit: TokenBucket
  #motion: Motion | undefined
  #motionSentUs = Number.NEGATIVE_INFINITY
  #refused = false
  #closed = false

  constructor(options: InputIntakeOptions) {
    this.#options = options
    this.#input = options.session.openInput()
    const limit = (perSecond: number) => new TokenBucket({ perSecond, burst: perSecond, nowMs: options.nowUs() / 1000 })
    this.#keysLimit = limit(keysPerSecond)
    this.#pointerLimit = limit(pointersPerSecond)
    this.#refusalLimit = limit(refusalsPerSecond)
  }

  /** Takes one message of a data channel. */
  receive(channel: InputChannel, message: Uint8Array | string): void {
    if (this.#closed) return
    const { session, counters, fault, nowUs } = this.#options
    if (typeof message === 'string') return fault('malformed', 'Input is binary, text came')
    if (message.length > channel.maxMessageBytes) {
      return fault('too-long', `Input of ${message.length} bytes came, at most ${channel.maxMessageBytes} are allowed`)
    }
    const isPointer = channel.id === pointerChannel.id
    const now = nowUs()
    if (!may(session.member.role, 'play')) return this.#refuse(now, 'Your role may watch, not play')
    if (!(isPointer ? this.#pointerLimit : this.#keysLimit).take(now / 1000)) {
      counters.inputDropped++
      return fault('flood', `Input came too fast on the ${channel.label} channel`)
    }
    try {
      if (message[0] === gamepadKind) this.#play(message, now)
      else if (isPointer) this.#move(this.#pointer.accept(message), now)
      else this.#act(decodeKeysMessage(message), now)
    } catch (error) {
      fault(error instanceof CodedError ? error.code : 'malformed', messageOf(error))
    }
  }

  #play(message: Uint8Array, nowUs: number): void {
    const state = this.#gamepads.accept(message)
    if (state) this.#give({ type: 'gamepad', ...state }, nowUs)
  }

  pump(nowUs: number): boolean {
    if (this.#motion && nowUs - this.#motionSentUs >= pointerPeriodUs) this.#flushMotion(nowUs)
    return this.#motion !== undefined
  }

  /** The channel, the peer or the socket is gone: nothing stays pressed. Idempotent. */
  close(): void {
    this.#end()
    this.#input.close()
  }

  /** As {@link close}, when its client goes on by another path: what is pressed stays so there. */
  handOn(): void {
    this.#end()
    this.#input.handOn()
  }

  #end(): void {
    this.#closed = true
    this.#motion = undefined
    this.#options.pump.remove(this)
  }

  /** Keeps the latest position, or the sum of relative motion, until its turn. */
  #move(motion: Motion | undefined, nowUs: number): void {
    if (!motion) return
    const waiting = this.#motion
    if (waiting?.type === 'pointer-relative' && motion.type === 'pointer-relative') {
      this.#motion = { type: 'pointer-relative', dx: waiting.dx + motion.dx, dy: waiting.dy + motion.dy }
    } else {
      if (waiting && waiting.type !== motion.type) this.#flushMotion(nowUs)
      this.#motion = motion
    }
    if (this.pump(nowUs)) this.#options.pump.wake(this)
  }

  #flushMotion(nowUs: number): void {
    const motion = this.#motion
    if (!motion) return
    this.#motion = undefined
    this.#motionSentUs = nowUs
    this.#give(motion, nowUs)
  }

  /** What is done with a key or a button happens where the pointer was by then. */
  #act(event: InputMessage, nowUs: number): void {
    this.#flushMotion(nowUs)
    this.#give(event, nowUs)
  }

  #give(event: InputMessage, nowUs: number): void {
    try {
      this.#input.input(event)
      this.#options.counters.inputEvents++
    } catch (error) {
      this.#refuse(nowUs, messageOf(error))
    }
  }

  #refuse(nowUs: number, why: string): void {
    const { counters, refuse, fault } = this.#options
    counters.inputDropped++
    if (!this.#refusalLimit.take(nowUs / 1000)) return fault('input-forbidden', 'Input goes on though it was refused')
    if (this.#refused) return
    this.#refused = true
    refuse('input-forbidden', why)
  }
}
