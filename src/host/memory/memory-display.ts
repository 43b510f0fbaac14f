import { Ending } from '../../kernel/ending.ts'
import { Writable, type Unsubscribe } from '../../kernel/readable.ts'
import { DisplayError } from '../display/contract/display-error.ts'
import type { Display, DisplayClipboard, DisplayInput } from '../display/contract/display.ts'
import type { KeyboardLayout } from '../../domain/keyboard-layout.ts'
import type { Size } from '../../domain/size.ts'
import type { DisplayRequest } from '../contract/host-parts.ts'
import type { InputEvent } from '../../domain/input-event.ts'

/** A clipboard in memory; `copy` is what a program on the display would do. */
export class MemoryClipboard implements DisplayClipboard {
  text = ''
  readonly #listeners = new Set<(text: string) => void>()

  async write(text: string): Promise<void> {
    this.text = text
  }

  copy(text: string): void {
    this.text = text
    for (const listener of this.#listeners) listener(text)
  }

  onCopy(listener: (text: string) => void): Unsubscribe {
    const entry = (text: string) => listener(text)
    this.#listeners.add(entry)
    return () => void this.#listeners.delete(entry)
  }
}

/** A display in memory: it shows nothing, and keeps the last input it got. */
export class MemoryDisplay implements Display {
  readonly name: string
  readonly server: Display['server']
  readonly authorityFile: string
  readonly socket = '/memory/socket'
  readonly env: Readonly<Record<string, string>>
  readonly firstWindow: Promise<void>
  readonly size: Writable<Size>
  readonly layout: Writable<KeyboardLayout>
  readonly closed
  readonly clipboard = new MemoryClipboard()
  /** Devices that are open now. */
  readonly inputs = new Set<DisplayInput>()
  /** The last hundred events, oldest first. */
  readonly received: InputEvent[] = []
  /** Whether there is a window manager. */
  isManaged = true
  readonly #ending = new Ending(() => this.inputs.clear())

  /** Shows a window when `window` resolves. */
  constructor(name: string, request: DisplayRequest, server: Display['server'] = 'Xvnc', window = Promise.resolve()) {
    this.name = name
    this.server = server
    this.authorityFile = `${request.directory}/authority`
    this.env = { DISPLAY: name, XAUTHORITY: this.authorityFile }
    this.size = new Writable(request.size)
    this.layout = new Writable(request.layout)
    this.closed = this.#ending.closed
    this.firstWindow = Promise.race([window, this.closed.then(() => {})])
  }

  async resize(size: Size): Promise<void> {
    this.#refuseWhenGone()
    if (this.server === 'Xvfb') throw new DisplayError('resize-unsupported', 'Cannot resize: Xvfb has one size')
    this.size.set(size)
  }

  async setLayout(layout: KeyboardLayout): Promise<void> {
    this.#refuseWhenGone()
    this.layout.set(layout)
  }

  async hasWindows(): Promise<boolean> {
    return false
  }

  async hasManager(): Promise<boolean> {
    return this.isManaged
  }

  openInput(): DisplayInput {
    this.#refuseWhenGone()
    const held = new Set<string>()
    const devices: DisplayInput = {
      get holding() {
        return held.size > 0
      },
      send: (event) => {
        if (!this.inputs.has(devices)) return
        follow(held, event)
        this.received.push(event)
        if (this.received.length > 100) this.received.shift()
      },
      write: async (text) => {
        devices.send({ type: 'text', text })
        return this.inputs.has(devices)
      },
      close: () => {
        held.clear()
        if (this.inputs.delete(devices)) this.received.push({ type: 'release-all' })
      },
    }
    this.inputs.add(devices)
    return devices
  }

  /** Its server is killed. */
  die(): Promise<void> {
    return this.#ending.fail(new DisplayError('server-died', `The X server ${this.name} was killed`))
  }

  close(reason?: string): Promise<void> {
    return this.#ending.close(reason)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #refuseWhenGone(): void {
    if (this.#ending.begun) throw new DisplayError('server-died', `Cannot use the display ${this.name}: it is gone`)
  }
}

/** Keeps the names of what is down. */
function follow(held: Set<string>, event: InputEvent): void {
  if (event.type === 'release-all') held.clear()
  if (event.type !== 'key' && event.type !== 'button') return
  const name = event.type === 'key' ? event.code : event.button
  if (event.down) held.add(name)
  else held.delete(name)
}
