import type { Clock } from '../../../kernel/clock.ts'
import type { XConnection } from '../x11/x-connection.ts'
import type { Locks } from './character-plan.ts'
import { keycodes } from './keycodes.ts'
import { Keymap, type Level } from './keymap.ts'
import { keysymOf, type CharacterTable } from './keysyms.ts'
import { SpareKeycodes } from './spare-keycodes.ts'

export interface KeyboardOptions {
  readonly x: XConnection
  readonly clock: Clock
  readonly characters: CharacterTable
}

/** Letters of Western European keyboards: they are lent from the start, so that whoever types them never waits. */
const commonCharacters = 'éèêëàâäåæçîïñôöøœùûüßÉÈÀÇÄÅÆÖØÜÑ€£§°µ²³´¨¿¡«»'

/** Keycodes that players can name; the rest of the keyboard is spare. */
const physical: ReadonlySet<number> = new Set(keycodes.values())

/** The one keyboard of a display, shared by its players. A key that several of them hold goes up with the last one. */
export class Keyboard {
  readonly #options: KeyboardOptions
  /** How many players hold each keycode; those that nobody holds are not in it. */
  readonly #holders = new Map<number, number>()
  #keymap: Keymap
  #spares: SpareKeycodes
  #settling = false
  #reloading: Promise<void> = Promise.resolve()

  constructor(options: KeyboardOptions, keymap: Keymap) {
    this.#options = options
    this.#keymap = keymap
    this.#spares = this.#sparesOf(keymap)
  }

  get keymap(): Keymap {
    return this.#keymap
  }

  /** The modifier bits that are down, whoever holds them. */
  get heldMask(): number {
    return this.maskOf(this.#holders.keys())
  }

  /** The modifier bits that these keys set. */
  maskOf(keys: Iterable<number>): number {
    let mask = 0
    for (const keycode of keys) mask |= this.#keymap.maskOf(keycode)
    return mask
  }

  press(keycode: number): void {
    const holders = this.#holders.get(keycode) ?? 0
    const isModifier = this.#keymap.maskOf(keycode) !== 0
    // A second player's stroke on a key that is down already is a stroke of its own.
    if (holders > 0 && !isModifier) this.#fake(keycode, false)
    if (holders === 0 || !isModifier) this.#fake(keycode, true)
    this.#holders.set(keycode, holders + 1)
    this.#spares.pressed(keycode)
  }

  release(keycode: number): void {
    const holders = this.#holders.get(keycode) ?? 0
    if (holders > 1) {
      this.#holders.set(keycode, holders - 1)
    } else if (holders === 1) {
      this.#holders.delete(keycode)
      this.#fake(keycode, false)
    }
    this.#spares.released(keycode)
    this.#settleSoon()
  }

  /** One stroke under these modifiers and those of the keycodes to `keep`; what is held is as it was afterwards. */
  tap(keycode: number, level: Level, keep: ReadonlySet<number>): void {
    const { shift, level3, command } = this.#keymap.masks
    const wanted = (level.shift ? shift : 0) | (level.level3 ? level3 : 0)
    const sets = (key: number, mask: number) => (this.#keymap.maskOf(key) & mask) !== 0
    const held = [...this.#holders.keys()].filter((key) => sets(key, shift | level3 | command))
    const lifted = held.filter((key) => !sets(key, wanted) && !(sets(key, command) && keep.has(key)))
    const missing = wanted & ~this.maskOf(held)
    const added = [
      ...(missing & shift ? [this.#keymap.shiftKeycode] : []),
      ...(missing & level3 ? [this.#keymap.level3Keycode] : []),
    ].filter((key) => key !== undefined)
    for (const key of lifted) this.#fake(key, false)
    for (const key of added) this.#fake(key, true)
    this.#stroke(keycode)
    for (const key of added) this.#fake(key, false)
    for (const key of lifted) this.#fake(key, true)
  }

  /** Sets the locks that matter, whoever or whatever has changed them before. */
  setLocks({ capsLock, numLock }: Locks): void {
    const { xkb } = this.#options.x
    const { lock, numLock: numLockMask } = this.#keymap.masks
    const affected = (capsLock === undefined ? 0 : lock) | (numLock === undefined ? 0 : numLockMask)
    const locked = (capsLock ? lock : 0) | (numLock ? numLockMask : 0)
    if (affected === 0) return
    this.#options.x.tell(() => xkb.LatchLockState(xkb.UseCoreKbd, affected, locked, false, 0, 0, 0, false, 0))
  }

  /** A keycode that means this keysym at every level; undefined when none can be had now, so try again later. */
  borrow(symbol: number): number | undefined {
    this.lendAhead([symbol])
    return this.#spares.find(symbol, this.#options.clock.nowMs())
  }

  /** Gets keycodes for keysyms that will be borrowed soon, as far as there are any. */
  lendAhead(symbols: Iterable<number>): void {
    this.#spares.lend(symbols, this.#options.clock.nowMs())
  }

  /** Takes all meaning from the keycodes that nobody can press, before an app sees any use in them. */
  clearSpares(): void {
    const missing = Array.from(commonCharacters).filter((character) => this.#keymap.strokesFor(character).length === 0)
    this.#spares.clear()
    this.lendAhead(missing.map((character) => keysymOf(character)))
  }

  /** Reads the keyboard again. What is held stays so. Rejects with a DisplayError. */
  async reload(): Promise<void> {
    // One after the other: each compares what it has read with what the one before has made of it.
    const turn = this.#reloading.then(() => this.#reloadNow())
    this.#reloading = turn.catch(() => {})
    await turn
  }

  async #reloadNow(): Promise<void> {
    const { x } = this.#options
    let keymap: Keymap
    let changes: number
    do {
      changes = this.#spares.changes
      keymap = await readKeymap(this.#options)
      // What was lent while the answer was under way is not in it.
    } while (changes !== this.#spares.changes && !x.congested)
    const spares = this.#spares
    const isLent = spares.keycodes.every((keycode) => spares.symbolOf(keycode) === keymap.lentFor(keycode))
    if (isLent && keymap.sameAs(this.#keymap, new Set(spares.keycodes))) return
    this.#keymap = keymap
    this.#spares = this.#sparesOf(keymap)
    this.clearSpares()
  }

  #stroke(keycode: number): void {
    const isHeld = this.#holders.has(keycode)
    this.#spares.pressed(keycode)
    if (isHeld) this.#fake(keycode, false)
    this.#fake(keycode, true)
    if (!isHeld) this.#fake(keycode, false)
    this.#spares.released(keycode)
    this.#settleSoon()
  }

  #fake(keycode: number, down: boolean): void {
    const { x } = this.#options
    x.tell(() => x.xtest.FakeInput(down ? x.xtest.KeyPress : x.xtest.KeyRelease, keycode, 0, 0, 0, 0))
  }

  /** Tells the spare keycodes, after a round trip, that the server has seen their last uses. */
  #settleSoon(): void {
    const spares = this.#spares
    if (this.#settling || !spares.unsettled) return
    this.#settling = true
    const { uses } = spares
    const { x, clock } = this.#options
    x.roundTrip().then(
      () => {
        this.#settling = false
        spares.settled(uses, clock.nowMs())
        this.#settleSoon()
      },
      // The connection has ended, and the keyboard with it.
      () => {},
    )
  }

  #sparesOf(keymap: Keymap): SpareKeycodes {
    const { x } = this.#options
    return new SpareKeycodes(keymap.spareKeycodes, (first, symbols) => {
      // Twice the same, so that Shift makes no difference.
      const twice = symbols.flatMap((symbol) => [symbol, symbol])
      x.tell(() => x.client.ChangeKeyboardMapping(first, 2, twice))
    })
  }
}

/** Opens the keyboard of a display. Rejects with a DisplayError. */
export async function openKeyboard(options: KeyboardOptions): Promise<Keyboard> {
  const keyboard = new Keyboard(options, await readKeymap(options))
  keyboard.clearSpares()
  return keyboard
}

async function readKeymap({ x, characters }: KeyboardOptions): Promise<Keymap> {
  const { min_keycode: firstKeycode, max_keycode: lastKeycode } = x.connected
  const [rows, modifierRows] = await Promise.all([
    x.ask<readonly (readonly number[])[]>((answer) =>
      x.client.GetKeyboardMapping(firstKeycode, lastKeycode - firstKeycode + 1, answer),
    ),
    x.ask<readonly (readonly number[])[]>((answer) => x.client.GetModifierMapping(answer)),
  ])
  return new Keymap({ firstKeycode, rows, modifierRows, characters, physical })
}
