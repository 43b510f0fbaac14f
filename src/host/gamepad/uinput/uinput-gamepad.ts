import type { Clock, Timer } from '../../../kernel/clock.ts'
import type { Unsubscribe } from '../../../kernel/readable.ts'
import type { VirtualGamepad } from '../gamepad.ts'
import { neutralState, type GamepadState, type Rumble } from '../../../domain/gamepad.ts'
import {
  decodeEvents,
  effectType,
  encodeAbsSetup,
  encodeEvents,
  encodeSetup,
  eraseBytes,
  eventType,
  readErase,
  readUpload,
  request,
  uinputCode,
  uploadBytes,
  withRequestId,
  type KernelEvent,
  type LoadedEffect,
} from './kernel-layout.ts'
import { padAxes, padButtons, padEvents, xboxPad } from './xbox-pad.ts'

/** An open uinput. */
export interface UinputFile {
  /** Throws when the kernel refuses. `argument` is a number, or a structure that the kernel may write to. */
  ioctl(request: number, argument: number | Uint8Array): void
  /** Throws when the kernel refuses. */
  write(bytes: Uint8Array): void
  /** What apps want of the device; empty when that is nothing now. Throws when the device is gone. */
  read(): Uint8Array
  close(): void
}

/** How often apps are listened to, in milliseconds: vibrations that change faster cannot be felt. */
const listenMs = 16
/** An effect without an end lasts until it is stopped; what a browser plays is begun anew by then. */
const endlessMs = 5000

/** Makes the device. Throws when the kernel refuses; the file is then closed. */
export function openUinputGamepad(file: UinputFile, clock: Clock): UinputGamepad {
  try {
    for (const type of [eventType.key, eventType.abs, eventType.forceFeedback]) file.ioctl(request.setEventBit, type)
    for (const code of padButtons) file.ioctl(request.setKeyBit, code)
    for (const effect of [effectType.rumble, effectType.gain]) file.ioctl(request.setEffectBit, effect)
    for (const axis of padAxes) {
      file.ioctl(request.setAbsBit, axis.code)
      file.ioctl(request.absSetup, encodeAbsSetup(axis))
    }
    file.ioctl(request.setup, encodeSetup(xboxPad))
    file.ioctl(request.create, 0)
  } catch (error) {
    file.close()
    throw error
  }
  return new UinputGamepad(file, clock)
}

/** A pad that the kernel shows to the apps of this machine. */
export class UinputGamepad implements VirtualGamepad {
  readonly #file: UinputFile
  readonly #listening: Timer
  readonly #listeners = new Set<(rumble: Rumble) => void>()
  /** At most as many as the device was made for. */
  readonly #effects = new Map<number, LoadedEffect>()
  #gain = 1
  #state = neutralState
  #closed = false

  constructor(file: UinputFile, clock: Clock) {
    this.#file = file
    this.#listening = clock.every(listenMs, () => this.#listen())
  }

  write(state: GamepadState): void {
    if (this.#closed) return
    const events = padEvents(this.#state, state)
    this.#state = state
    if (events.length > 0) this.#try(() => this.#file.write(encodeEvents(events)))
  }

  onRumble(listener: (rumble: Rumble) => void): Unsubscribe {
    const entry = (rumble: Rumble) => listener(rumble)
    this.#listeners.add(entry)
    return () => void this.#listeners.delete(entry)
  }

  close(): void {
    if (this.#closed) return
    this.write(neutralState)
    this.#closed = true
    this.#listening.cancel()
    this.#try(() => this.#file.ioctl(request.destroy, 0))
    this.#file.close()
  }

  /** Of several vibrations since the last look only the latest can be felt. */
  #listen(): void {
    let latest: Rumble | undefined
    this.#try(() => {
      for (const event of decodeEvents(this.#file.read())) latest = this.#hear(event) ?? latest
    })
    if (latest) for (const listener of this.#listeners) listener(latest)
  }

  #hear({ type, code, value }: KernelEvent): Rumble | undefined {
    if (type === eventType.uinput && code === uinputCode.upload) return this.#upload(value)
    if (type === eventType.uinput && code === uinputCode.erase) return this.#erase(value)
    if (type !== eventType.forceFeedback) return undefined
    if (code === effectType.gain) {
      this.#gain = Math.min(1, Math.max(0, value / 0xffff))
      return undefined
    }
    const effect = this.#effects.get(code)
    if (!effect) return undefined
    if (value <= 0) return { strong: 0, weak: 0, durationMs: 0 }
    const durationMs = effect.lengthMs === 0 ? endlessMs : Math.min(endlessMs, effect.lengthMs * value)
    return { strong: effect.strong * this.#gain, weak: effect.weak * this.#gain, durationMs }
  }

  /** The app waits until the kernel has been told that its effect was taken. */
  #upload(requestId: number): undefined {
    const upload = withRequestId(uploadBytes, requestId)
    this.#file.ioctl(request.beginUpload, upload)
    const effect = readUpload(upload)
    if (effect.type === effectType.rumble && effect.id >= 0 && effect.id < xboxPad.effects) {
      this.#effects.set(effect.id, effect)
    }
    this.#file.ioctl(request.endUpload, upload)
  }

  #erase(requestId: number): undefined {
    const erase = withRequestId(eraseBytes, requestId)
    this.#file.ioctl(request.beginErase, erase)
    this.#effects.delete(readErase(erase))
    this.#file.ioctl(request.endErase, erase)
  }

  /** A device that fails does nothing any more; who plays notices, and plugs in again. */
  #try(act: () => void): void {
    try {
      act()
    } catch {
      if (!this.#closed) this.close()
    }
  }
}
