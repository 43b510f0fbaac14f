import type { XConnection } from '../../src/host/display/x11/x-connection.ts'

const zPixmap = 2
const depth = 24
/** Requests stay below the 256 KiB of the core protocol. */
const rowsPerRequest = 32

/** A window that covers a lobby's display, and shows one page after the other. */
export class TextDisplay {
  readonly #x: XConnection
  readonly #window: number
  readonly #copy: number
  readonly width: number
  readonly height: number

  constructor(x: XConnection) {
    const { client, root } = x
    const [screen] = x.connected.screen
    this.#x = x
    this.width = screen.pixel_width
    this.height = screen.pixel_height
    this.#window = client.AllocID()
    this.#copy = client.AllocID()
    const noEvents = { eventMask: 0, overrideRedirect: true }
    client.CreateWindow(this.#window, root, 0, 0, this.width, this.height, 0, 0, 1, 0, noEvents)
    client.MapWindow(this.#window)
    client.CreateGC(this.#copy, root)
  }

  /**
   * Draws a page, one byte of grey for each pixel; resolves with when the server had drawn it, since the Unix epoch in
   * milliseconds.
   */
  async show(grey: Uint8Array): Promise<number> {
    const { width, height } = this
    for (let top = 0; top < height; top += rowsPerRequest) {
      const rows = Math.min(rowsPerRequest, height - top)
      const pixels = Uint32Array.from(grey.subarray(top * width, (top + rows) * width), (level) => level * 0x010101)
      const data = Buffer.from(pixels.buffer)
      this.#x.client.PutImage(zPixmap, this.#window, this.#copy, width, rows, 0, top, 0, depth, data)
    }
    await this.#x.roundTrip()
    return Date.now()
  }
}
