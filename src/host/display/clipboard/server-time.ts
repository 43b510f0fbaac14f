import type { XEvent } from 'x11'
import type { XConnection } from '../x11/x-connection.ts'
import type { ClipboardAtoms } from './clipboard-atoms.ts'

/** Asks the server for its time, which decides who copied last. */
export class ServerTime {
  readonly #x: XConnection
  readonly #atoms: ClipboardAtoms
  readonly #window: number
  #latest = 0

  constructor({ x, atoms, window }: { x: XConnection; atoms: ClipboardAtoms; window: number }) {
    this.#x = x
    this.#atoms = atoms
    this.#window = window
  }

  handle({ name, wid, atom, time = 0 }: XEvent): void {
    if (name === 'PropertyNotify' && wid === this.#window && atom === this.#atoms.stamp) this.#latest = time
  }

  /** In the server's milliseconds. Rejects with a DisplayError when the server is gone. */
  async now(): Promise<number> {
    const { stamp, timestamp } = this.#atoms
    const nothing = Buffer.alloc(0)
    this.#x.tell(() => this.#x.client.ChangeProperty(2, this.#window, stamp, timestamp, 8, nothing))
    // Events come before the answers to later requests.
    await this.#x.roundTrip()
    return this.#latest
  }
}
