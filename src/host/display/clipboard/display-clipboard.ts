import type { XEvent } from 'x11'
import type { Clock, Timer } from '../../../kernel/clock.ts'
import { messageOf } from '../../../kernel/coded-error.ts'
import type { Log } from '../../../kernel/log.ts'
import type { Unsubscribe } from '../../../kernel/readable.ts'
import type { DisplayClipboard } from '../contract/display.ts'
import { maxClipboardBytes } from '../../../domain/clipboard.ts'
import { DisplayError } from '../contract/display-error.ts'
import type { XConnection } from '../x11/x-connection.ts'
import { internAtoms, type ClipboardAtoms } from './clipboard-atoms.ts'
import { staysAsCopied, textOfContent, type Content } from './copied-content.ts'
import { SelectionOwner } from './selection-owner.ts'
import { SelectionReader } from './selection-reader.ts'
import { ServerTime } from './server-time.ts'

export interface ClipboardOptions {
  readonly x: XConnection
  readonly clock: Clock
  readonly log: Log
}

/** Core protocol, "SETofEVENT". */
const propertyChange = 0x400000
/** XFIXES, "SelectionNotify": somebody has become the owner. */
const setSelectionOwner = 1
/** Its owner's window, or its owner itself, has gone. */
const selectionWindowDestroy = 2
const selectionClientClose = 4
/** In the event: somebody else took it, or gave it up. */
const ownerSetSubtype = 0
const inputOnly = 2
/** Programs take a selection several times for one copy; they are given this long, in milliseconds. */
const settleMs = 50

/** The clipboard of a display on our connection to its server. */
export class XClipboard implements DisplayClipboard {
  readonly #options: ClipboardOptions
  readonly #atoms: ClipboardAtoms
  readonly #window: number
  readonly #owner: SelectionOwner
  readonly #reader: SelectionReader
  readonly #time: ServerTime
  readonly #listeners = new Set<(text: string) => void>()
  #content: Content = { by: 'nobody' }
  /** The server's time when a program copied last. */
  #copiedAt = 0
  #isReading = false
  #hasNews = false
  #settling: Timer | undefined

  constructor(options: ClipboardOptions, atoms: ClipboardAtoms, window: number) {
    this.#options = options
    this.#atoms = atoms
    this.#window = window
    const parts = { ...options, atoms, window }
    this.#time = new ServerTime(parts)
    this.#owner = new SelectionOwner(parts)
    this.#reader = new SelectionReader({ ...parts, maxBytes: maxClipboardBytes })
  }

  /** Begins to follow what programs copy, and to answer those who paste. */
  watch(): void {
    const { x } = this.#options
    x.onEvent((event) => this.#handle(event))
    const events = setSelectionOwner | selectionWindowDestroy | selectionClientClose
    x.tell(() => x.fixes.SelectSelectionInput(this.#window, this.#atoms.clipboard, events))
  }

  /** Nothing, the empty text, takes away a text that is there; what a program has copied that is no text stays. */
  async write(text: string): Promise<void> {
    if (text.length > maxClipboardBytes || Buffer.byteLength(text) > maxClipboardBytes) {
      throw new DisplayError('clipboard-too-large', `Cannot copy more than ${maxClipboardBytes} bytes of text`)
    }
    if (text === '') return await this.#clear()
    if (staysAsCopied(this.#content, text, this.#options.clock.nowMs())) return
    const time = await this.#time.now()
    this.#content = { by: 'us', text }
    await this.#owner.take(text, time)
  }

  async #clear(): Promise<void> {
    if (this.#content.by === 'program' && this.#content.text === undefined) return
    const time = await this.#time.now()
    this.#content = { by: 'nobody' }
    await this.#owner.clear(time)
  }

  onCopy(listener: (text: string) => void): Unsubscribe {
    const entry = (text: string) => listener(text)
    this.#listeners.add(entry)
    return () => void this.#listeners.delete(entry)
  }

  close(): void {
    this.#listeners.clear()
    this.#settling?.cancel()
    this.#owner.close()
  }

  #handle(event: XEvent): void {
    const { x } = this.#options
    if (event.type === x.fixes.firstEvent) this.#ownerChanged(event)
    else {
      this.#time.handle(event)
      this.#owner.handle(event)
      this.#reader.handle(event)
    }
  }

  #ownerChanged({ owner, selection, selectionTimestamp = 0, rawData }: XEvent): void {
    if (selection !== this.#atoms.clipboard || owner === this.#window) return
    if (!owner) return rawData[1] === ownerSetSubtype ? undefined : this.#inherit()
    const before = textOfContent(this.#content)
    this.#content = { by: 'program', text: undefined, atMs: this.#options.clock.nowMs(), before }
    this.#copiedAt = selectionTimestamp
    this.#hasNews = true
    this.#readSoon()
  }

  /** The program that has copied is gone: what it has copied stays. */
  #inherit(): void {
    const content = this.#content
    if (content.by !== 'program' || content.text === undefined) return
    const { text } = content
    const take = async () => {
      const time = await this.#time.now()
      if (this.#content !== content) return
      this.#content = { by: 'us', text }
      await this.#owner.take(text, time)
    }
    take().catch((error: unknown) =>
      this.#options.log.debug('Cannot keep what was copied', { error: messageOf(error) }),
    )
  }

  #readSoon(): void {
    if (this.#isReading || !this.#hasNews) return
    this.#settling ??= this.#options.clock.after(settleMs, () => {
      this.#settling = undefined
      void this.#read()
    })
  }

  /** One at a time; what is copied meanwhile is read after it. */
  async #read(): Promise<void> {
    const content = this.#content
    this.#hasNews = false
    // It is read whether or not somebody wants to know: it may have to outlive its program.
    if (content.by !== 'program') return
    const { log } = this.#options
    this.#isReading = true
    try {
      const read = await this.#reader.read(this.#atoms.clipboard, this.#copiedAt)
      if (this.#content !== content) return
      if (read.kind === 'text') {
        this.#content = { ...content, text: read.text }
        for (const listener of this.#listeners) listener(read.text)
      } else log.debug('What was copied is not passed on', { why: read.kind })
    } catch (error) {
      log.debug('Cannot read what was copied', { error: messageOf(error) })
    } finally {
      this.#isReading = false
      this.#readSoon()
    }
  }
}

/** Opens the clipboard of a display. Rejects with a DisplayError. */
export async function openClipboard(options: ClipboardOptions): Promise<XClipboard> {
  const { x } = options
  const atoms = await internAtoms(x)
  const window = x.client.AllocID()
  const events = { eventMask: propertyChange }
  x.tell(() => x.client.CreateWindow(window, x.root, -1, -1, 1, 1, 0, 0, inputOnly, 0, events))
  const clipboard = new XClipboard(options, atoms, window)
  clipboard.watch()
  await x.roundTrip()
  return clipboard
}
