import type { Property, XEvent } from 'x11'
import type { Display } from '../../src/host/display/contract/display.ts'
import { internAtoms, predefined, type ClipboardAtoms } from '../../src/host/display/clipboard/clipboard-atoms.ts'
import { SelectionOwner } from '../../src/host/display/clipboard/selection-owner.ts'
import { SelectionReader, type SelectionContent } from '../../src/host/display/clipboard/selection-reader.ts'
import { ServerTime } from '../../src/host/display/clipboard/server-time.ts'
import { words, wordsOf } from '../../src/host/display/clipboard/selection-text.ts'
import type { XConnection } from '../../src/host/display/x11/x-connection.ts'
import { systemClock as clock } from '../../src/kernel/clock.ts'
import { connectTo } from './probe-window.ts'

/** Core protocol, "SETofEVENT". */
const propertyChange = 0x400000

/** A program on a display that copies and pastes, well or badly. */
export class XProgram implements AsyncDisposable {
  readonly x: XConnection
  readonly atoms: ClipboardAtoms
  readonly window: number
  readonly #owner: SelectionOwner
  readonly #reader: SelectionReader
  readonly #time: ServerTime
  #misbehave: ((event: XEvent) => void) | undefined

  constructor(x: XConnection, atoms: ClipboardAtoms, window: number) {
    this.x = x
    this.atoms = atoms
    this.window = window
    this.#time = new ServerTime({ x, atoms, window })
    this.#owner = new SelectionOwner({ x, atoms, window, clock })
    this.#reader = new SelectionReader({ x, atoms, window, clock, maxBytes: 4 * 1024 * 1024 })
    x.onEvent((event) => {
      if (this.#misbehave) return this.#misbehave(event)
      this.#time.handle(event)
      this.#owner.handle(event)
      this.#reader.handle(event)
    })
  }

  /** As a well-behaved program does it. */
  async copy(text: string): Promise<void> {
    await this.#owner.take(text, await this.#time.now())
  }

  paste(selection: 'clipboard' | 'primary' = 'clipboard'): Promise<SelectionContent> {
    return this.#reader.read(selection === 'clipboard' ? this.atoms.clipboard : predefined.primary, 0)
  }

  /** Becomes the owner of the clipboard, and answers requests in a way of its own. */
  async copyBadly(answer: (request: XEvent) => void): Promise<void> {
    this.#misbehave = (event) => {
      if (event.name === 'SelectionRequest') answer(event)
    }
    this.x.tell(() => this.x.client.SetSelectionOwner(this.window, this.atoms.clipboard, 0))
    await this.x.roundTrip()
  }

  put({ requestor = 0, property = 0 }: XEvent, type: number, format: 8 | 32, data: Uint8Array): void {
    this.x.tell(() => this.x.client.ChangeProperty(0, requestor, property, type, format, Buffer.from(data)))
  }

  /** Says that a conversion is done, or with `property` 0 that it is refused. */
  notify({ requestor = 0, selection = 0, target = 0, time = 0 }: XEvent, property: number): void {
    const event = Buffer.alloc(32)
    event[0] = 31
    event.set(words([time, requestor, selection, target, property]), 4)
    this.x.tell(() => this.x.client.SendEvent(requestor, 0, 0, event))
  }

  /** What the owner of the clipboard answers to several conversions at once. */
  async pasteMultiple(
    targets: readonly number[],
  ): Promise<{ pairs: readonly number[]; contents: readonly Property[] }> {
    const { x, atoms, window } = this
    const places = targets.map((_, index) => atoms.inboxes[index] ?? 0)
    const list = atoms.inboxes.at(-1) ?? 0
    const answered = Promise.withResolvers<void>()
    this.#misbehave = ({ name }) => name === 'SelectionNotify' && answered.resolve()
    const pairs = words(targets.flatMap((target, index) => [target, places[index] ?? 0]))
    x.tell(() => x.client.ChangeProperty(0, window, list, atoms.atomPair, 32, Buffer.from(pairs)))
    x.tell(() => x.client.ConvertSelection(window, atoms.clipboard, atoms.multiple, list, 0))
    await answered.promise
    this.#misbehave = undefined
    const read = (place: number) =>
      x.ask<Property>((answer) => x.client.GetProperty(1, window, place, 0, 0, 4096, answer))
    return { pairs: wordsOf((await read(list)).data), contents: await Promise.all(places.map(read)) }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#owner.close()
    await this.x.close()
  }
}

export async function openXProgram(display: Display): Promise<XProgram> {
  const x = await connectTo(display)
  const atoms = await internAtoms(x)
  const window = x.client.AllocID()
  const values = { eventMask: propertyChange, overrideRedirect: true }
  x.tell(() => x.client.CreateWindow(window, x.root, 0, 0, 1, 1, 0, 0, 1, 0, values))
  await x.roundTrip()
  return new XProgram(x, atoms, window)
}
