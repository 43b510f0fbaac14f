import { signal } from '@preact/signals'
import { ClientError, type NotPasted, type PorchlightClient, type Unsubscribe } from '../../src/client/index.ts'
import type { ToastKind } from './toasts.ts'

export interface ClipboardModelOptions {
  readonly onMessage: (text: string, kind?: ToastKind) => void
  /** The keyboard is in the app: what is copied there is copied by whoever is here. */
  readonly isInside: () => boolean
}

/** What is copied in the app lands in the clipboard of whoever looks at it, and the other way round. */
export class ClipboardModel {
  /** What the app copied and the browser wants a click for. */
  readonly offered = signal<string | undefined>(undefined)
  readonly #options: ClipboardModelOptions
  #client: PorchlightClient | undefined
  #isOn = false
  #stopFollowing: Unsubscribe = () => {}

  constructor(options: ClipboardModelOptions) {
    this.#options = options
  }

  /** Turns to a client, the only one from now on. */
  use(client: PorchlightClient): void {
    this.#client = client
    this.#follow()
  }

  /** Whether the two clipboards have anything to do with each other. */
  set(on: boolean): void {
    if (on === this.#isOn) return
    this.#isOn = on
    if (!on) this.dismiss()
    this.#follow()
  }

  /** Takes to the app what is being pasted here. The key that pastes goes on to it in any case. */
  readonly paste = async (text: string): Promise<void> => {
    if (!this.#isOn) return
    try {
      await this.#client?.clipboard.write(text)
    } catch (error) {
      const why = error instanceof ClientError && error.code !== 'superseded' ? error.message : undefined
      if (why !== undefined) this.#options.onMessage(why)
    }
  }

  /** Says what cannot be pasted, and what can. */
  readonly notPasted = (what: NotPasted): void => {
    if (this.#isOn) this.#options.onMessage(`${notPastedTexts[what]}. Text can be pasted`, 'info')
  }

  /** Puts into the clipboard what was offered; to be called from a click. */
  async take(): Promise<void> {
    const text = this.offered.value
    this.dismiss()
    if (text === undefined || (await writeText(text)) || copyBySelection(text)) return
    this.#options.onMessage('The browser did not take the text into its clipboard.')
  }

  dismiss(): void {
    this.offered.value = undefined
  }

  close(): void {
    this.#stopFollowing()
  }

  #follow(): void {
    this.#stopFollowing()
    this.#stopFollowing =
      (this.#isOn && this.#client?.clipboard.onCopy((text) => void this.#receive(text))) || (() => {})
  }

  async #receive(text: string): Promise<void> {
    this.dismiss()
    if (!this.#options.isInside() || !(await writeText(text))) this.offered.value = text
  }
}

const notPastedTexts: Readonly<Record<NotPasted, string>> = {
  image: 'An image cannot be pasted into the app',
  file: 'A file cannot be pasted into the app',
  other: 'What you copied has no text',
}

/** False without the focus, without permission, or where the page is not secure. */
async function writeText(text: string): Promise<boolean> {
  if (!document.hasFocus()) return false
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return false
  }
}

/** The way of pages without a secure origin; it works within a click only. */
function copyBySelection(text: string): boolean {
  const field = document.createElement('textarea')
  field.value = text
  field.style.position = 'fixed'
  field.style.opacity = '0'
  document.body.append(field)
  field.select()
  const done = document.execCommand('copy')
  field.remove()
  return done
}
