import type { Clock } from '../../../kernel/clock.ts'
import { monotonicUs } from '../../contract/monotonic.ts'
import type { SourceSpec } from '../../contract/producer.ts'
import type { PictureSource, PictureSourceEvents } from '../picture/picture-source.ts'
import { type Picture, PictureSizes } from '../picture/picture.ts'
import { Scaler } from '../picture/scaler.ts'
import { DisplayChanges, type ScreenSize } from './display-changes.ts'
import { ScreenPixels } from './screen-pixels.ts'

export type X11Spec = Extract<SourceSpec, { kind: 'x11' }>

/** The screen of an X display. */
export class X11Source implements PictureSource {
  readonly fps: number
  readonly #spec: X11Spec
  readonly #clock: Clock
  readonly #watch: DisplayChanges
  readonly #events: PictureSourceEvents
  readonly #scaler = new Scaler()
  #screen: ScreenSize
  #opened: { readonly pixels: ScreenPixels; readonly sizes: PictureSizes } | undefined
  #capturing: Promise<unknown> = Promise.resolve()
  #closed = false

  private constructor(
    spec: X11Spec,
    clock: Clock,
    watch: DisplayChanges,
    screen: ScreenSize,
    events: PictureSourceEvents,
  ) {
    this.fps = spec.fps
    this.#spec = spec
    this.#clock = clock
    this.#watch = watch
    this.#screen = screen
    this.#events = events
  }

  /** Rejects with MediaError `display-failed`. */
  static async open(spec: X11Spec, clock: Clock, events: PictureSourceEvents): Promise<X11Source> {
    let source: X11Source | undefined
    const watch = await DisplayChanges.open({
      ...spec,
      clock,
      onChange: events.onChange,
      onResize: () => void source?.resize(),
      onEnd: events.onFailure,
    })
    try {
      source = new X11Source(spec, clock, watch, await watch.size(), events)
      return source
    } catch (error) {
      watch.close()
      throw error
    }
  }

  get width(): number {
    return Math.floor(this.#screen.width / 2) * 2
  }

  get height(): number {
    return Math.floor(this.#screen.height / 2) * 2
  }

  get changedSinceUs(): number | undefined {
    return this.#watch.changedSinceUs
  }

  capture(): Promise<Picture | undefined> {
    const capturing = this.#capture()
    this.#capturing = capturing.catch(() => {})
    return capturing
  }

  /** Learns the new size; the next capture is of that size. */
  async resize(): Promise<void> {
    // An X server that has gone shows in the connection's end.
    const screen = await this.#watch.size().catch(() => this.#screen)
    if (this.#closed || (screen.width === this.#screen.width && screen.height === this.#screen.height)) return
    this.#screen = screen
    this.#events.onResize()
    this.#watch.change()
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#watch.close()
    await this.#capturing
    await this.#closeGrab()
    this.#scaler.close()
  }

  async #capture(): Promise<Picture | undefined> {
    await this.#watch.rearm()
    try {
      return await this.#take()
    } catch {
      // A screen that has shrunk under the grab refuses to be read; the notice of it may still be on its way.
      await this.#closeGrab()
      await this.resize()
      return await this.#take()
    }
  }

  async #take(): Promise<Picture | undefined> {
    const { pixels, sizes } = await this.#open()
    const full = sizes.full.take()
    if (!full) return undefined
    const captureUs = monotonicUs()
    try {
      await this.#scaler.convert(await pixels.read(), full.frame)
    } catch (error) {
      full.letGo()
      throw error
    }
    return sizes.picture(full, captureUs)
  }

  /** The grab for the present size. */
  async #open(): Promise<{ readonly pixels: ScreenPixels; readonly sizes: PictureSizes }> {
    const { width, height } = this
    if (this.#opened?.pixels.width === width && this.#opened.pixels.height === height) return this.#opened
    await this.#closeGrab()
    const { display, authorityFile } = this.#spec
    const { link, cursors } = this.#watch
    const options = { display, authorityFile, link, cursors, clock: this.#clock }
    this.#opened = { pixels: new ScreenPixels(width, height, options), sizes: new PictureSizes(width, height) }
    return this.#opened
  }

  async #closeGrab(): Promise<void> {
    const opened = this.#opened
    this.#opened = undefined
    opened?.sizes.close()
    await opened?.pixels.close()
  }
}
