import type { InputMessage } from '../../wire/input/input-message.ts'
import { isReleaseShortcut, KeyTracker } from './key-tracker.ts'

/** Keyboard Lock (WICG): in full screen Escape, Alt+Tab and the like come to the page too. */
interface KeyboardLock {
  readonly keyboard?: { lock(): Promise<void>; unlock(): void }
}

/** Sends all keys that go to `field` until `signal` is aborted. */
export function captureKeyboard(options: {
  readonly field: HTMLElement
  readonly send: (message: InputMessage) => void
  readonly onShortcut: () => void
  readonly signal: AbortSignal
}): { clear(): void } {
  const { field, send, signal } = options
  const tracker = new KeyTracker({ isMac: /mac|iphone|ipad/i.test(navigator.platform) })
  const { keyboard } = navigator as KeyboardLock

  field.addEventListener(
    'keydown',
    (event) => {
      if (isReleaseShortcut(event)) {
        event.preventDefault()
        options.onShortcut()
        return
      }
      const messages = tracker.down(event)
      if (!messages) return
      event.preventDefault()
      for (const message of messages) send(message)
    },
    { signal },
  )
  field.addEventListener(
    'keyup',
    (event) => {
      event.preventDefault()
      for (const message of tracker.up(event)) send(message)
    },
    { signal },
  )
  document.addEventListener(
    'fullscreenchange',
    () => {
      if (document.fullscreenElement?.contains(field)) void keyboard?.lock().catch(() => {})
      else keyboard?.unlock()
    },
    { signal },
  )
  return { clear: () => tracker.clear() }
}
