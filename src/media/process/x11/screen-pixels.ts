import type { Frame } from 'node-av/lib'
import type { CursorImages } from 'x11'
import { sleep, type Clock } from '../../../kernel/clock.ts'
import { connectToDisplay } from '../../x11/display-socket.ts'
import { openXClient } from '../../x11/x-client.ts'
import { readAuthority } from './authority-file.ts'
import { displayNumber, type DisplayLink } from './display-link.ts'
import { GrabbedScreen } from './grabbed-screen.ts'
import { ScreenGrab } from './screen-grab.ts'

export interface ScreenPixelsOptions {
  readonly display: string
  readonly authorityFile: string
  /** Goes on while a program has grabbed the server. */
  readonly link: DisplayLink
  readonly cursors: CursorImages
  readonly clock: Clock
}

/** A server that lets nobody else speak for longer than this, in milliseconds, is taken to be grabbed. */
const patienceMs = 250

/** A screen of one size: read by FFmpeg, and by our own connection for as long as a program has grabbed the server. */
export class ScreenPixels {
  readonly width: number
  readonly height: number
  readonly #options: ScreenPixelsOptions
  #grab: ScreenGrab | undefined
  #grabbed: GrabbedScreen | undefined
  /** A read that waits for the end of a grab. */
  #late: Promise<unknown> | undefined

  constructor(width: number, height: number, options: ScreenPixelsOptions) {
    this.width = width
    this.height = height
    this.#options = options
  }

  /** The pixels of now, valid until the next call. Rejects with MediaError, also after a resize. */
  async read(): Promise<Frame> {
    if (this.#late || (!this.#grab && (await isGrabbed(this.#options)))) return await this.#readGrabbed()
    const { display, authorityFile, clock } = this.#options
    const { width, height } = this
    this.#grab ??= ScreenGrab.open({ display, authorityFile, width, height })
    const reading = this.#grab.read()
    const patience = new AbortController()
    const late = sleep(clock, patienceMs, patience.signal).then(
      () => undefined,
      () => undefined,
    )
    const frame = await Promise.race([reading, late]).finally(() => patience.abort())
    if (frame) return frame
    // What it gives in the end is of the moment when the grab ends: the next read is newer.
    const over = () => {
      this.#late = undefined
    }
    this.#late = reading.then(over, over)
    return await this.#readGrabbed()
  }

  /** A read that waits for the end of a grab is left to it. */
  async close(): Promise<void> {
    this.#grabbed?.close()
    const closing = this.#grab?.close()
    if (!this.#late) await closing
  }

  #readGrabbed(): Promise<Frame> {
    this.#grabbed ??= new GrabbedScreen({ ...this.#options, width: this.width, height: this.height })
    return this.#grabbed.read()
  }
}

/** Whether a new client of the server is kept waiting: FFmpeg's would keep this whole process waiting. */
async function isGrabbed({ display, authorityFile, clock }: ScreenPixelsOptions): Promise<boolean> {
  const number = displayNumber(display)
  const auth = await readAuthority(authorityFile, number)
  const socket = await connectToDisplay(number)
  try {
    const answered = openXClient({ display, socket, auth }).then(() => true)
    return !(await Promise.race([answered, sleep(clock, patienceMs).then(() => false)]))
  } finally {
    socket.destroy()
  }
}
