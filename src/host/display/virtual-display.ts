import type { Clock } from '../../kernel/clock.ts'
import { Ending, type End } from '../../kernel/ending.ts'
import type { Log } from '../../kernel/log.ts'
import { Writable } from '../../kernel/readable.ts'
import { causeOfEnd } from '../child/cause-of-end.ts'
import { watchLiveness } from '../child/liveness.ts'
import type { Display, DisplayClipboard, DisplayInput } from './contract/display.ts'
import type { KeyboardLayout } from '../../domain/keyboard-layout.ts'
import { type Size, sameSize } from '../../domain/size.ts'
import { DisplayError } from './contract/display-error.ts'
import { displaySize } from './display-size.ts'
import { firstWindow, hasManager, hasWindows } from './first-window.ts'
import type { InputDevices } from './input/input-devices.ts'
import { resizeScreen } from './resize.ts'
import type { XServer } from './x-server.ts'
import type { XConnection } from './x11/x-connection.ts'

export interface VirtualDisplayParts extends XServer {
  readonly x: XConnection
  readonly devices: InputDevices
  readonly clipboard: DisplayClipboard
  readonly size: Size
  readonly layout: KeyboardLayout
  /** Gives the server's keyboard another layout. */
  readonly setLayout: (layout: KeyboardLayout) => Promise<void>
  readonly env: Readonly<Record<string, string>>
  readonly authorityFile: string
  readonly clock: Clock
  readonly log: Log
  /** Ends everything that belongs to the display. */
  readonly release: AsyncDisposableStack
}

/** A display that is open: see {@link Display}. */
export class VirtualDisplay implements Display {
  readonly name: string
  readonly server: Display['server']
  readonly env: Readonly<Record<string, string>>
  readonly authorityFile: string
  readonly socket: string
  readonly clipboard: DisplayClipboard
  readonly size: Writable<Size>
  readonly layout: Writable<KeyboardLayout>
  readonly firstWindow: Promise<void>
  readonly closed: Promise<End>
  readonly #parts: VirtualDisplayParts
  readonly #ending: Ending
  readonly #tellFirstWindow: () => void
  /** The size that the screen is to have in the end. */
  #wanted: Size
  #resizing: Promise<void> | undefined
  #endWatch: (() => void) | undefined
  #layoutChange: Promise<unknown> = Promise.resolve()

  constructor(parts: VirtualDisplayParts) {
    this.#parts = parts
    this.name = `:${parts.displayNumber}`
    this.server = parts.server
    this.env = parts.env
    this.authorityFile = parts.authorityFile
    this.socket = parts.socket.real
    this.clipboard = parts.clipboard
    this.size = new Writable(parts.size)
    this.#wanted = parts.size
    this.layout = new Writable(parts.layout)
    const { promise, resolve } = Promise.withResolvers<void>()
    this.firstWindow = promise
    this.#tellFirstWindow = resolve
    this.#ending = new Ending(async (end) => {
      this.#endWatch?.()
      if (end.kind === 'error') parts.log.warn('Lost a display', { error: end.error.message })
      await parts.release.disposeAsync()
    })
    this.closed = this.#ending.closed
  }

  /** Begins to watch over the server, and to follow what happens on it. */
  watch(): void {
    const { x, child, clock } = this.#parts
    void causeOfEnd(child, x.closed, clock).then((cause) => this.#died(cause))
    this.#endWatch = watchLiveness({ probe: () => x.roundTrip(), clock, onHang: () => this.#hung() })
    void firstWindow(x).then(this.#tellFirstWindow)
    x.tell(() => x.randr.SelectInput(x.root, x.randr.NotifyMask.ScreenChange))
    x.onEvent(({ name }) => {
      if (name === 'RRScreenChangeNotify') void this.#readSize()
    })
  }

  async resize(asked: Size): Promise<void> {
    if (this.server !== 'Xvnc') {
      throw new DisplayError('resize-unsupported', `Cannot resize display ${this.name}: ${this.server} cannot do that`)
    }
    this.#wanted = displaySize(asked)
    // A request that comes while another one is carried out is carried out after it, unless a later one comes.
    this.#resizing ??= this.#resize().finally(() => (this.#resizing = undefined))
    await this.#resizing
  }

  async setLayout(layout: KeyboardLayout): Promise<void> {
    const change = this.#layoutChange.then(async () => {
      await this.#parts.setLayout(layout)
      await this.#parts.devices.reloadKeyboard()
      this.layout.set(layout)
    })
    this.#layoutChange = change.catch(() => {})
    await change
  }

  hasWindows(): Promise<boolean> {
    return hasWindows(this.#parts.x)
  }

  hasManager(): Promise<boolean> {
    return hasManager(this.#parts.x)
  }

  openInput(): DisplayInput {
    return this.#parts.devices.openPlayer()
  }

  close(reason?: string): Promise<void> {
    return this.#ending.close(reason)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #resize(): Promise<void> {
    while (!sameSize(this.#wanted, this.size.value)) {
      const next = this.#wanted
      try {
        await resizeScreen(this.#parts.x, next)
        this.#setSize(next)
      } catch (error) {
        if (!sameSize(this.#wanted, next)) continue
        this.#wanted = this.size.value
        throw error
      }
    }
  }

  /** The apps on a display may change its size too, games for instance. */
  async #readSize(): Promise<void> {
    const { x } = this.#parts
    try {
      const { width, height } = await x.ask<Size>((answer) => x.client.GetGeometry(x.root, answer))
      // While it is being resized from here, the sizes in between are nobody's.
      if (!this.#resizing) this.#setSize({ width, height })
    } catch {
      // The connection has ended, and the display with it.
    }
  }

  #setSize(size: Size): void {
    if (!sameSize(size, this.size.value)) this.size.set(size)
  }

  #died(message: string): Promise<void> {
    return this.#ending.fail(new DisplayError('server-died', `Display ${this.name} is gone: ${message}`))
  }

  #hung(): void {
    this.#parts.child.kill()
    void this.#ending.fail(
      new DisplayError('server-hung', `Display ${this.name} was killed: ${this.server} did not answer for 5 seconds`),
    )
  }
}
