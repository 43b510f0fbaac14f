import type { XEvent } from 'x11'
import type { Clock, Timer } from '../../../kernel/clock.ts'
import type { XConnection } from '../x11/x-connection.ts'
import { predefined, type ClipboardAtoms } from './clipboard-atoms.ts'
import { targetsOf, textAs, words, wordsOf } from './selection-text.ts'

export interface SelectionOwnerOptions {
  readonly x: XConnection
  readonly atoms: ClipboardAtoms
  readonly window: number
  readonly clock: Clock
}

/** Larger texts go out in pieces of this size, each when the one before it was taken (ICCCM, section 2.7.2). */
export const pieceBytes = 32 * 1024
/** Who does not take the next piece for so long is given up. */
const transferTimeoutMs = 5000
/** So many programs may fetch a large text at a time. */
const maxTransfers = 8
/** So many conversions may be asked for at once with MULTIPLE. */
const maxPairs = 16

/** Core protocol, "SETofEVENT". */
const propertyChange = 0x400000
const structureNotify = 0x20000
const selectionNotify = 31

/** A large text on its way to one program. */
interface Transfer {
  readonly requestor: number
  readonly property: number
  readonly type: number
  readonly bytes: Uint8Array
  sent: number
  timer: Timer
}

interface Request {
  readonly requestor: number
  readonly target: number
  readonly property: number
}

/** Gives a text to the programs that paste, as the owner of CLIPBOARD and PRIMARY. */
export class SelectionOwner {
  readonly #options: SelectionOwnerOptions
  readonly #owned = new Set<number>()
  readonly #transfers = new Set<Transfer>()
  #held: { readonly text: string; readonly sinceTime: number } | undefined

  constructor(options: SelectionOwnerOptions) {
    this.#options = options
  }

  /** Takes both selections. Resolves when the server has given them, or kept them from us because somebody was later. */
  async take(text: string, time: number): Promise<void> {
    const { x, atoms, window } = this.#options
    this.#held = { text, sinceTime: time }
    for (const selection of [atoms.clipboard, predefined.primary]) {
      this.#owned.add(selection)
      x.tell(() => x.client.SetSelectionOwner(window, selection, time))
    }
    await x.roundTrip()
  }

  /** Both selections are nobody's from then on, whoever has them, unless somebody takes them later. */
  async clear(time: number): Promise<void> {
    const { x, atoms } = this.#options
    this.#owned.clear()
    this.#held = undefined
    for (const selection of [atoms.clipboard, predefined.primary]) {
      x.tell(() => x.client.SetSelectionOwner(0, selection, time))
    }
    await x.roundTrip()
  }

  handle(event: XEvent): void {
    const { window } = this.#options
    if (event.name === 'SelectionRequest' && event.owner === window) this.#answer(event)
    else if (event.name === 'SelectionClear' && event.owner === window) this.#lose(event)
    else if (event.name === 'PropertyNotify' && event.state === 1) this.#proceed(event)
    else if (event.name === 'DestroyNotify') this.#endAll(event.wid)
  }

  close(): void {
    for (const { timer } of this.#transfers) timer.cancel()
    this.#transfers.clear()
    this.#held = undefined
  }

  #lose({ selection = 0, time = 0 }: XEvent): void {
    // The loss of what was taken again meanwhile is no loss.
    if (this.#held && isBefore(time, this.#held.sinceTime)) return
    this.#owned.delete(selection)
    if (this.#owned.size === 0) this.#held = undefined
  }

  #answer(event: XEvent): void {
    const { requestor = 0, selection = 0, target = 0, time = 0 } = event
    const { atoms } = this.#options
    // Programs of old leave the choice of the property to us.
    const property = event.property || target
    const request = { requestor, target, property }
    const isOurs =
      this.#held !== undefined &&
      this.#owned.has(selection) &&
      (time === 0 || !isBefore(time, this.#held.sinceTime)) &&
      !this.#options.x.congested
    const notify = (done: boolean) =>
      this.#notify({ requestor, selection, target, time, property: done ? property : 0 })
    if (!isOurs) notify(false)
    else if (target === atoms.multiple) void this.#convertAll(request).then(notify, () => notify(false))
    else notify(this.#convert(request))
  }

  /** Puts the text into a property of the one who asks; false when that cannot be done. */
  #convert({ requestor, target, property }: Request): boolean {
    const { x, atoms } = this.#options
    const held = this.#held
    if (!held) return false
    const put = (type: number, format: 8 | 32, data: Uint8Array) => {
      x.tell(() => x.client.ChangeProperty(0, requestor, property, type, format, Buffer.from(data)))
      return true
    }
    if (target === atoms.targets) return put(predefined.atom, 32, words(targetsOf(held.text, atoms)))
    if (target === atoms.timestamp) return put(predefined.integer, 32, words([held.sinceTime]))
    const content = textAs(target, held.text, atoms)
    if (!content) return false
    if (content.bytes.length <= pieceBytes) return put(content.type, 8, content.bytes)
    return this.#begin(requestor, property, content) && put(atoms.incr, 32, words([content.bytes.length]))
  }

  /** Several conversions at once: those that fail are marked in the list that was given (ICCCM, section 2.6.2). */
  async #convertAll({ requestor, property }: Request): Promise<boolean> {
    const { x, atoms } = this.#options
    const list = await x.ask<{ readonly data: Uint8Array }>((answer) =>
      x.client.GetProperty(0, requestor, property, atoms.atomPair, 0, 2 * maxPairs, answer),
    )
    const pairs = wordsOf(list.data)
    if (pairs.length < 2) return false
    for (let index = 0; index + 1 < pairs.length; index += 2) {
      const [target = 0, place = 0] = pairs.slice(index, index + 2)
      const done = target !== atoms.multiple && place !== 0 && this.#convert({ requestor, target, property: place })
      if (!done) pairs[index + 1] = 0
    }
    x.tell(() => x.client.ChangeProperty(0, requestor, property, atoms.atomPair, 32, Buffer.from(words(pairs))))
    return true
  }

  #begin(requestor: number, property: number, { type, bytes }: { type: number; bytes: Uint8Array }): boolean {
    const { x, window } = this.#options
    // The root's events are chosen elsewhere, and for other purposes.
    if (requestor === x.root || requestor === window || this.#transfers.size >= maxTransfers) return false
    const transfer: Transfer = { requestor, property, type, bytes, sent: 0, timer: this.#patience(() => transfer) }
    this.#transfers.add(transfer)
    x.tell(() => x.client.ChangeWindowAttributes(requestor, { eventMask: propertyChange | structureNotify }))
    return true
  }

  /** What was there has been taken: the next piece, and an empty one at the end. */
  #proceed({ wid, atom }: XEvent): void {
    const { x } = this.#options
    for (const transfer of this.#transfers) {
      if (transfer.requestor !== wid || transfer.property !== atom) continue
      const { requestor, property, type, bytes, sent } = transfer
      const piece = bytes.subarray(sent, sent + pieceBytes)
      transfer.sent += piece.length
      transfer.timer.cancel()
      transfer.timer = this.#patience(() => transfer)
      x.tell(() => x.client.ChangeProperty(0, requestor, property, type, 8, Buffer.from(piece)))
      if (piece.length === 0) this.#end(transfer)
      return
    }
  }

  /** The window of one who asked is gone. */
  #endAll(requestor: number | undefined): void {
    for (const transfer of this.#transfers) if (transfer.requestor === requestor) this.#end(transfer)
  }

  #patience(transfer: () => Transfer): Timer {
    return this.#options.clock.after(transferTimeoutMs, () => this.#end(transfer()))
  }

  #end(transfer: Transfer): void {
    const { x } = this.#options
    const { requestor, timer } = transfer
    timer.cancel()
    this.#transfers.delete(transfer)
    for (const other of this.#transfers) if (other.requestor === requestor) return
    x.tell(() => x.client.ChangeWindowAttributes(requestor, { eventMask: 0 }))
  }

  #notify(fields: { requestor: number; selection: number; target: number; property: number; time: number }): void {
    const { x } = this.#options
    const { requestor, selection, target, property, time } = fields
    const event = Buffer.alloc(32)
    event[0] = selectionNotify
    event.set(words([time, requestor, selection, target, property]), 4)
    x.tell(() => x.client.SendEvent(requestor, 0, 0, event))
  }
}

/** The server's time is in milliseconds and wraps after 49.7 days. */
function isBefore(time: number, other: number): boolean {
  return ((time - other) | 0) < 0
}
