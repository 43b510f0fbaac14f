import type { Clock } from '../../kernel/clock.ts'
import type { HeldInput } from './held-input.ts'
import { keyboardSystem, type OptionKeys } from './key-meaning.ts'
import { isReleaseShortcut, KeyTracker } from './key-tracker.ts'
import type { KnownKeys } from './known-keys.ts'
import { isPasteShortcut } from './paste-shortcut.ts'

/**
 * Keyboard Lock (WICG): in full screen Escape, Alt+Tab and the like come to the page too. Keyboard Map (WICG): what the keys
 * write by themselves.
 */
interface NavigatorKeyboard {
  readonly keyboard?: {
    lock(): Promise<void>
    unlock(): void
    getLayoutMap?(): Promise<ReadonlyMap<string, string>>
  }
}

/** What a clipboard can hold beside text. */
export type NotPasted = 'image' | 'file' | 'other'

/** The browser tells what is pasted right after the key; when it does not, the key does without. */
const pasteEventMs = 100

export interface CapturedKeyboard {
  /** Everything is up again. */
  clear(): void
  /** To be called before the pointer does something that modifiers matter to. */
  settle(): void
}

/** Sends all keys that go to `field` until `signal` is aborted. */
export function captureKeyboard(options: {
  readonly field: HTMLElement
  readonly input: HeldInput
  readonly clock: Clock
  /** Where text goes before the key by which the app pastes it. */
  readonly paste: ((text: string) => Promise<void>) | undefined
  readonly onNotPasted: ((what: NotPasted) => void) | undefined
  readonly onShortcut: () => void
  readonly optionKeys: () => OptionKeys
  /** Learns what the keys of this keyboard write. */
  readonly known: KnownKeys
  readonly signal: AbortSignal
}): CapturedKeyboard {
  const { field, input, signal } = options
  const awaitPaste = openPasteWatch(options)
  const { known, optionKeys } = options
  const tracker = new KeyTracker({ system: keyboardSystem(navigator.platform), optionKeys, known })
  const { keyboard } = navigator as NavigatorKeyboard
  const learn = () => {
    // Only some browsers have it, on secure pages, and not in every frame: then there is what has been typed.
    void keyboard?.getLayoutMap?.().then(
      (map) => known.useLayoutMap(map),
      () => {},
    )
  }
  learn()
  // The system's layout may have been changed meanwhile.
  field.addEventListener('focus', learn, { signal })

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
      if (options.paste && !event.repeat && isPasteShortcut(event)) awaitPaste()
      else event.preventDefault()
      for (const message of messages) input.send(message)
    },
    { signal },
  )
  field.addEventListener(
    'keyup',
    (event) => {
      event.preventDefault()
      for (const message of tracker.up(event)) input.send(message)
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
  return {
    clear: () => tracker.clear(),
    settle() {
      for (const message of tracker.settle()) input.send(message)
    },
  }
}

/** Gives how to hold the input back until what is pasted has reached the host. */
function openPasteWatch({
  field,
  input,
  clock,
  paste,
  onNotPasted,
  signal,
}: Pick<
  Parameters<typeof captureKeyboard>[0],
  'field' | 'input' | 'clock' | 'paste' | 'onNotPasted' | 'signal'
>): () => void {
  let goOn: ((done?: Promise<void>) => void) | undefined
  /** The last text that was pasted is from here. */
  let hasGiven = false
  /** Where there is no text a browser tells little or nothing: the app is not to paste the text of the last time then. */
  const goOnWithout = () => {
    if (hasGiven) onNotPasted?.('other')
    goOn?.(hasGiven ? paste?.('') : undefined)
    hasGiven = false
  }
  field.addEventListener(
    'paste',
    (event) => {
      // Not by a key: what is inserted is typed.
      if (!goOn) return
      event.preventDefault()
      const { clipboardData } = event
      const text = clipboardData?.getData('text/plain') ?? ''
      const other = text === '' && clipboardData ? notPasted(clipboardData) : undefined
      if (text === '' && other === undefined) return goOnWithout()
      hasGiven = text !== ''
      goOn(paste?.(text))
      if (other !== undefined) onNotPasted?.(other)
    },
    { signal },
  )
  return () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    input.hold(promise)
    const timer = clock.after(pasteEventMs, goOnWithout)
    goOn = (done) => {
      timer.cancel()
      goOn = undefined
      resolve(done)
    }
  }
}

function notPasted({ types, files }: DataTransfer): NotPasted | undefined {
  const [file] = files
  if (file) return file.type.startsWith('image/') ? 'image' : 'file'
  return types.length > 0 ? 'other' : undefined
}
