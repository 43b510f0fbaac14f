import type { Property, XEvent } from 'x11'
import { sleep, type Clock } from '../../../kernel/clock.ts'
import type { XConnection } from '../x11/x-connection.ts'
import { predefined, type ClipboardAtoms } from './clipboard-atoms.ts'
import { textOf, textTarget, wordsOf } from './selection-text.ts'

export interface SelectionReaderOptions {
  readonly x: XConnection
  readonly atoms: ClipboardAtoms
  readonly window: number
  readonly clock: Clock
  /** Larger texts are not read. */
  readonly maxBytes: number
}

/** What a program has copied, as far as it could be found out. */
export type SelectionContent =
  | { readonly kind: 'text'; readonly text: string }
  /** Something, but not text: an image for instance. */
  | { readonly kind: 'other' }
  | { readonly kind: 'too-large' }
  /** Nothing, or its owner did not answer. */
  | { readonly kind: 'none' }

/** How long the owner may take for its next step, and for all of it. */
const stepTimeoutMs = 2000
const readTimeoutMs = 10_000
/** More targets than any program has. */
const maxTargets = 512

/** Fetches what another program has copied, however slow, large or wrong its answers are. */
export class SelectionReader {
  readonly #options: SelectionReaderOptions
  #reads = 0
  /** What the read that goes on waits for, and what has come of it. */
  #inbox = 0
  #answer: XEvent | undefined
  #hasNewValue = false
  #wake: () => void = () => {}

  constructor(options: SelectionReaderOptions) {
    this.#options = options
  }

  handle(event: XEvent): void {
    const { window } = this.#options
    const isNewValue = event.name === 'PropertyNotify' && event.wid === window && event.state === 0
    if (isNewValue && event.atom === this.#inbox) this.#hasNewValue = true
    else if (event.name === 'SelectionNotify' && event.requestor === window) this.#answer = event
    else return
    this.#wake()
  }

  /** To be called again only when it has resolved. Rejects with a DisplayError when the server is gone. */
  async read(selection: number, time: number): Promise<SelectionContent> {
    const { atoms, clock } = this.#options
    const untilMs = clock.nowMs() + readTimeoutMs
    const offer = await this.#convert(selection, atoms.targets, { time, untilMs, maxBytes: 4 * maxTargets })
    if (offer === 'late') return { kind: 'none' }
    // Those that cannot say what they have may have text all the same.
    const target = offer === 'refused' || offer === 'too-large' ? atoms.utf8 : textTarget(wordsOf(offer.data), atoms)
    if (target === undefined) return { kind: 'other' }
    const { maxBytes } = this.#options
    const content = await this.#convert(selection, target, { time, untilMs, maxBytes })
    if (content === 'too-large') return { kind: 'too-large' }
    if (typeof content === 'string') return { kind: 'none' }
    const isText = [atoms.utf8, atoms.plainUtf8, predefined.string].includes(content.type)
    if (!isText) return { kind: 'other' }
    const text = textOf(content.type, content.data)
    return text === '' ? { kind: 'none' } : { kind: 'text', text }
  }

  async #convert(
    selection: number,
    target: number,
    limits: { time: number; untilMs: number; maxBytes: number },
  ): Promise<{ readonly type: number; readonly data: Uint8Array } | 'refused' | 'late' | 'too-large'> {
    const { x, atoms, window } = this.#options
    const { time, untilMs, maxBytes } = limits
    const inbox = atoms.inboxes[this.#reads++ % atoms.inboxes.length] ?? 0
    this.#inbox = inbox
    this.#answer = undefined
    x.tell(() => x.client.DeleteProperty(window, inbox))
    x.tell(() => x.client.ConvertSelection(window, selection, target, inbox, time))
    const answered = (property: number) =>
      this.#answer?.selection === selection && this.#answer.target === target && this.#answer.property === property
    try {
      if (!(await this.#until(() => answered(inbox) || answered(0), untilMs))) return 'late'
      if (answered(0)) return 'refused'
      this.#hasNewValue = false
      const first = await this.#take(inbox, maxBytes)
      if (first.bytesAfter > 0) return 'too-large'
      return first.type === atoms.incr ? await this.#gather(inbox, untilMs, maxBytes) : first
    } finally {
      this.#inbox = 0
      x.tell(() => x.client.DeleteProperty(window, inbox))
    }
  }

  /** A large content comes in pieces; to delete one asks for the next, and an empty one is the last. */
  async #gather(inbox: number, untilMs: number, maxBytes: number) {
    const pieces: Uint8Array[] = []
    let type = 0
    let bytes = 0
    for (;;) {
      if (!(await this.#until(() => this.#hasNewValue, untilMs))) return 'late'
      this.#hasNewValue = false
      const piece = await this.#take(inbox, maxBytes - bytes)
      // Somebody else has touched the property: the piece is still to come.
      if (piece.type === 0) continue
      if (piece.bytesAfter > 0) return 'too-large'
      if (piece.data.length === 0) return { type, data: Buffer.concat(pieces) }
      type = piece.type
      bytes += piece.data.length
      pieces.push(piece.data)
    }
  }

  #take(inbox: number, maxBytes: number): Promise<Property> {
    const { x, window } = this.#options
    const length = Math.ceil(maxBytes / 4)
    return x.ask((answer) => x.client.GetProperty(1, window, inbox, 0, 0, length, answer))
  }

  /** False when it has not come in time. */
  async #until(hasCome: () => boolean, untilMs: number): Promise<boolean> {
    const { clock, x } = this.#options
    const leftMs = untilMs - clock.nowMs()
    if (leftMs <= 0) return false
    const giveUp = new AbortController()
    const late = sleep(clock, Math.min(stepTimeoutMs, leftMs), giveUp.signal).then(
      () => 'late' as const,
      () => 'late' as const,
    )
    try {
      while (!hasCome()) {
        const news = new Promise<void>((resolve) => (this.#wake = resolve))
        if ((await Promise.race([news, late, x.closed])) !== undefined) return false
      }
      return true
    } finally {
      giveUp.abort()
      this.#wake = () => {}
    }
  }
}
