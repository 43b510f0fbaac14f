import type { Clock } from '../../kernel/clock.ts'
import { Writable, type Readable } from '../../kernel/readable.ts'
import type { InputMessage } from '../../domain/input-event.ts'
import { reportUncaught } from '../contract/report-uncaught.ts'
import { captureKeyboard, type NotPasted } from './capture-keyboard.ts'
import { capturePointer } from './capture-pointer.ts'
import { captureGamepads } from './capture-gamepads.ts'
import type { TouchStyle } from './gesture.ts'
import { HeldInput } from './held-input.ts'
import { guessLayout } from './guess-layout.ts'
import type { OptionKeys } from './key-meaning.ts'
import { KnownKeys } from './known-keys.ts'
import { SoftKeys } from './soft-keys.ts'
import { openTextEntry } from './text-entry.ts'

export interface InputCaptureOptions {
  /** What is clicked, touched and hovered; the video lies in it. */
  readonly surface: HTMLElement
  readonly video: HTMLVideoElement
  readonly clock: Clock
  readonly send: (message: InputMessage) => void
  /** What fingers do: `direct` (when left out) or `trackpad`; asked at every touch. */
  readonly touchMode?: () => TouchStyle['kind']
  /** What the Option keys of a Mac are for: `characters` (when left out) or `alt`; asked at every key. */
  readonly optionKeys?: () => OptionKeys
  /** Takes what is pasted here, before the app is told to paste. Without it, keys that paste are keys like others. */
  readonly paste?: (text: string) => Promise<void>
  /** Something was pasted here that is no text: nothing of it reaches the app, nor does the text that was pasted before. */
  readonly onNotPasted?: (what: NotPasted) => void
  /** Ctrl+Alt+Shift+Q was pressed: keyboard and pointer are free, somebody else should take the focus. */
  readonly onRelease?: () => void
}

/** Keyboard, pointer and touch of a page, on their way to an app. */
export interface InputCapture {
  /** True while the keyboard belongs to the app. */
  readonly captured: Readable<boolean>
  /** True while the pointer is locked and sends relative motion. */
  readonly pointerLocked: Readable<boolean>
  /** True while the on-screen keyboard of a phone is wanted. */
  readonly onScreenKeyboard: Readable<boolean>
  /** Keys that on-screen keyboards lack, for a bar of them. */
  readonly softKeys: SoftKeys
  /** Lets one of the gamepads shake. */
  rumble(pad: number, rumble: { strong: number; weak: number; durationMs: number }): void
  /** A new connection: the host has to hear of the gamepads again. */
  introduceGamepads(): void
  /** The XKB name of the player's keyboard layout, as far as its keys have shown. */
  guessLayout(): string | undefined
  /** Clicks a button of the mouse that the browser has kept to itself, where the pointer is. */
  click(button: 'back' | 'forward'): void
  /** Gives the keyboard to the app. */
  focus(): void
  /** Takes it back; everything that is held goes up. */
  release(): void
  /** Locks or unlocks the pointer. Rejects when the browser refuses. */
  setPointerLock(locked: boolean): Promise<void>
  /** Shows or hides the on-screen keyboard of a phone; call it from a tap. */
  setOnScreenKeyboard(shown: boolean): void
  close(): void
}

/** Begins to listen. Everything held is released on blur, on a hidden page, when pointer lock ends and on `close`. */
export function openInputCapture(options: InputCaptureOptions): InputCapture {
  const { surface, send, clock, paste, onNotPasted } = options
  const end = new AbortController()
  const { signal } = end
  const captured = new Writable(false, reportUncaught)
  const pointerLocked = new Writable(false, reportUncaught)
  const onScreenKeyboard = new Writable(false, reportUncaught)
  const input = new HeldInput({ send, clock })
  const softKeys = new SoftKeys((message) => input.send(message))
  const entry = openTextEntry(surface, (message) => softKeys.send(message))

  const known = new KnownKeys()
  const keyboard = captureKeyboard({
    field: entry.field,
    input,
    clock,
    paste,
    onNotPasted,
    signal,
    known,
    optionKeys: options.optionKeys ?? (() => 'characters'),
    onShortcut: () => letGo(),
  })
  const pointer = capturePointer({
    ...options,
    send: (message) => {
      if (message.type === 'button' || message.type === 'wheel') keyboard.settle()
      send(message)
    },
    signal,
    onPress: () => focus(),
    isLocked: () => pointerLocked.value,
    touchMode: options.touchMode ?? (() => 'direct'),
  })

  const gamepads = captureGamepads({ clock, send, signal })

  const focus = () => entry.field.focus({ preventScroll: true })
  const releaseHeld = () => {
    keyboard.clear()
    pointer.clear()
    softKeys.clear()
    gamepads.forget()
    input.send({ type: 'release-all' })
  }
  const letGo = () => {
    if (document.pointerLockElement === surface) document.exitPointerLock()
    entry.field.blur()
    options.onRelease?.()
  }

  entry.field.addEventListener('focus', () => captured.set(true), { signal })
  entry.field.addEventListener(
    'blur',
    () => {
      captured.set(false)
      entry.setOnScreen(false)
      onScreenKeyboard.set(false)
      releaseHeld()
    },
    { signal },
  )
  document.addEventListener(
    'visibilitychange',
    () => {
      if (document.hidden) releaseHeld()
    },
    { signal },
  )
  document.addEventListener(
    'pointerlockchange',
    () => {
      const locked = document.pointerLockElement === surface
      if (pointerLocked.value && !locked) releaseHeld()
      pointerLocked.set(locked)
    },
    { signal },
  )

  return {
    captured,
    pointerLocked,
    onScreenKeyboard,
    softKeys,
    rumble: gamepads.rumble,
    introduceGamepads: gamepads.introduce,
    guessLayout: () => guessLayout(known.keys, navigator.languages),
    click(button) {
      for (const down of [true, false]) input.send({ type: 'button', button, down, x: undefined, y: undefined })
    },
    focus,
    release: () => entry.field.blur(),
    async setPointerLock(locked) {
      if (!locked) return document.exitPointerLock()
      focus()
      await lockPointer(surface)
    },
    setOnScreenKeyboard(shown) {
      // Only a change of focus makes a browser look at the input mode again.
      entry.field.blur()
      entry.setOnScreen(shown)
      onScreenKeyboard.set(shown)
      focus()
    },
    close() {
      if (end.signal.aborted) return
      releaseHeld()
      if (document.pointerLockElement === surface) document.exitPointerLock()
      end.abort()
      captured.set(false)
      entry.close()
    },
  }
}

/** Raw motion where the system offers it: acceleration belongs to the pointer of the desktop, not to a game. */
async function lockPointer(surface: HTMLElement): Promise<void> {
  try {
    await surface.requestPointerLock({ unadjustedMovement: true })
  } catch (error) {
    if (!(error instanceof DOMException) || error.name !== 'NotSupportedError') throw error
    await surface.requestPointerLock()
  }
}
