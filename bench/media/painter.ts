/**
 * The worst case for a capture: a noisy picture that pans over the whole screen 60 times a second. Started with the
 * display, its authority file and the screen's size; ends with its standard input.
 */
import { systemClock } from '../../src/kernel/clock.ts'
import { DisplayLink } from '../../src/media/process/x11/display-link.ts'

const fps = 60
const panPixels = 600
const rowsAtOnce = 16

const [, , display, authorityFile, ...sides] = process.argv
const [width = 0, height = 0] = sides.map(Number)
if (!display || !authorityFile)
  throw new RangeError('Cannot paint: say on which display, with what authority, how large')

const link = await DisplayLink.open({
  display,
  authorityFile,
  clock: systemClock,
  onEvent() {},
  onEnd: () => process.exit(),
})
const { client, root } = link
const [window, picture, context] = [client.AllocID(), client.AllocID(), client.AllocID()]
client.CreateWindow(window, root, 0, 0, width, height, 0)
client.MapWindow(window)
client.CreatePixmap(picture, root, 24, width + panPixels, height)
client.CreateGC(context, window)
for (let y = 0; y < height; y += rowsAtOnce) {
  const rows = Math.min(rowsAtOnce, height - y)
  client.PutImage(2, picture, context, width + panPixels, rows, 0, y, 0, 24, noisyRows(y, rows))
}
const startMs = performance.now()
let drawn = 0
setInterval(() => {
  const due = Math.floor(((performance.now() - startMs) / 1000) * fps)
  if (due <= drawn) return
  drawn = due
  const x = Math.round((panPixels / 2) * (1 + Math.sin(due / 60)))
  client.CopyArea(picture, window, context, Math.min(x, panPixels), 0, 0, 0, width, height)
}, 2)
process.stdin.once('end', () => process.exit()).resume()

function noisyRows(top: number, rows: number): Buffer {
  const across = width + panPixels
  const pixels = Buffer.alloc(across * rows * 4)
  for (let row = 0; row < rows; row++) {
    for (let x = 0; x < across; x++) {
      const y = top + row
      const wave = 128 + 80 * Math.sin(x / 37) * Math.cos(y / 23)
      const noise = (Math.imul((y * across + x) ^ 0x5bd1e995, 2_654_435_761) >>> 27) - 16
      const at = (row * across + x) * 4
      pixels[at] = wave + noise
      pixels[at + 1] = 255 - wave + noise
      pixels[at + 2] = (x + y) & 255
    }
  }
  return pixels
}
