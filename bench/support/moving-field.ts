/**
 * A program for a lobby's display: a textured field that pans, with patches that change, at 60 pictures a second, and a
 * time barcode in it. It fills any bitrate that a path allows. It ends with the display.
 */
import { readFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { cookieLength } from '../../src/host/display/x11/authority.ts'
import { openXConnection } from '../../src/host/display/x11/x-connection.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import { silentLog } from '../../src/kernel/log.ts'
import {
  barcodeCellWidth,
  barcodeHeight,
  barcodeLeft,
  barcodeTop,
  encodeTimeBarcode,
} from '../../src/media/test-pattern/time-barcode.ts'

const depth = 24
const zPixmap = 2
const framePeriodMs = 1000 / 60
const grainPixels = 4
/** How far the field moves from one picture to the next. */
const step = { x: 3, y: 1 }
const patches = { count: 24, size: 48 }
/** Requests stay below the 256 KiB of the core protocol. */
const rowsPerRequest = 16

const x = await connect()
const { client, root } = x
const { pixel_width: width, pixel_height: height } = x.connected.screen[0]
const field = { width: width + 256, height: height + 256 }
const [window, fieldPixmap, back] = [client.AllocID(), client.AllocID(), client.AllocID()]
const [copy, dark, light] = [client.AllocID(), client.AllocID(), client.AllocID()]
void x.closed.then(() => process.exit())
await run()

async function connect() {
  const cookie = (await readFile(process.env['XAUTHORITY'] ?? '')).subarray(-cookieLength)
  const displayNumber = Number(process.env['DISPLAY']?.slice(1))
  return openXConnection({ displayNumber, cookie, log: silentLog, clock: systemClock })
}

async function run(): Promise<void> {
  client.CreateWindow(window, root, 0, 0, width, height, 0, 0, 1, 0, { eventMask: 0, overrideRedirect: true })
  client.MapWindow(window)
  client.CreatePixmap(fieldPixmap, root, depth, field.width, field.height)
  client.CreatePixmap(back, root, depth, width, height)
  client.CreateGC(copy, root)
  client.CreateGC(dark, root, { foreground: 0x101010 })
  client.CreateGC(light, root, { foreground: 0xf0f0f0 })
  drawField()
  await x.roundTrip()
  for (let frame = 0, dueMs = performance.now(); ; frame++) {
    if (!x.congested) drawFrame(frame)
    // One that was late is not made up for.
    dueMs = Math.max(dueMs + framePeriodMs, performance.now())
    await pause(Math.max(0, dueMs - performance.now()))
  }
}

function drawFrame(frame: number): void {
  // Back and forth, so that the field never ends.
  const swing = (at: number, range: number) => Math.abs((at % (2 * range)) - range)
  client.CopyArea(fieldPixmap, back, copy, swing(frame * step.x, 256), swing(frame * step.y, 256), 0, 0, width, height)
  const { count, size } = patches
  for (let patch = 0; patch < count; patch++) {
    const at = () => [random(width - size), random(height - size)] as const
    client.CopyArea(fieldPixmap, back, copy, ...at(), ...at(), size, size)
  }
  drawBarcode()
  client.CopyArea(back, window, copy, 0, 0, 0, 0, width, height)
}

function drawBarcode(): void {
  const top = Math.round(barcodeTop * height)
  const rectangle = (cell: number) => {
    const left = Math.round((barcodeLeft + cell * barcodeCellWidth) * width)
    const right = Math.round((barcodeLeft + (cell + 1) * barcodeCellWidth) * width)
    return [left, top, right - left, Math.round(barcodeHeight * height)]
  }
  const cells = encodeTimeBarcode(Date.now())
  const cellsOf = (white: boolean) => cells.flatMap((cell, index) => (cell === white ? rectangle(index) : []))
  client.PolyFillRectangle(back, dark, cellsOf(false))
  client.PolyFillRectangle(back, light, cellsOf(true))
}

/** Grains of random colour that are not far apart, like a photograph of gravel. */
function drawField(): void {
  const grains = Math.ceil(field.width / grainPixels)
  for (let y = 0; y < field.height; y += rowsPerRequest) {
    const pixels = new Uint32Array(field.width * rowsPerRequest)
    for (let band = 0; band < rowsPerRequest; band += grainPixels) {
      const colours = Array.from({ length: grains }, () => {
        const grey = 70 + random(110)
        return (grey << 16) | ((grey + random(24)) << 8) | (grey + random(40))
      })
      for (let at = 0; at < field.width * grainPixels; at++) {
        pixels[band * field.width + at] = colours[Math.floor((at % field.width) / grainPixels)] as number
      }
    }
    const data = Buffer.from(pixels.buffer)
    client.PutImage(zPixmap, fieldPixmap, copy, field.width, rowsPerRequest, 0, y, 0, depth, data)
  }
}

function random(below: number): number {
  return Math.floor(Math.random() * below)
}
