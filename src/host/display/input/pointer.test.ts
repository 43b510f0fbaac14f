import assert from 'node:assert/strict'
import { pixelAt } from './pointer.ts'
import { after, before, beforeEach, describe, it } from 'node:test'
import { button, openInputBench, type InputBench } from '../../../../test/support/input-bench.ts'
import type { ProbeWindow } from '../../../../test/support/probe-window.ts'
import { systemClock as clock } from '../../../kernel/clock.ts'
import type { Display, DisplayInput } from '../contract/display.ts'

let bench: InputBench
let display: Display
let probe: ProbeWindow
let input: DisplayInput

before(async () => {
  bench = await openInputBench()
  ;({ display, probe } = bench)
})
after(() => bench[Symbol.asyncDispose]())
beforeEach(async () => {
  input?.close()
  await bench.nothingHeld()
  input = display.openInput()
  probe.forget()
})

describe('the pointer', () => {
  it('goes to fractions of the picture, and never leaves it', async () => {
    const places = [
      [0, 0, '0,0'],
      [1, 1, '639,479'],
      [0.5, 0.25, '320,120'],
      [-3, 7, '0,479'],
    ] as const
    for (const [x, y, pixels] of places) {
      const arrivals = await bench.arrivalsOf(() => input.send({ type: 'pointer', x, y }), { motions: true })
      assert.deepEqual(arrivals, [`Motion ${pixels}`])
    }
  })

  it('takes a fraction for the pixel in which it lies, however it was rounded on its way', () => {
    const onTheWire = (fraction: number) => Math.round(fraction * 65_535) / 65_535
    for (const side of [320, 640, 1366, 1920, 3840]) {
      for (let pixel = 0; pixel < side; pixel++) {
        assert.equal(pixelAt(onTheWire((pixel + 0.5) / side), side), pixel, 'its middle')
        assert.equal(pixelAt(onTheWire(pixel / side), side), pixel, 'where it begins')
      }
      assert.equal(pixelAt(1, side), side - 1)
    }
  })

  it('follows the size of the display', async () => {
    await display.resize({ width: 800, height: 600 })
    await bench.arrivalsOf(() => input.send({ type: 'pointer', x: 1, y: 1 }))
    const { rootX, rootY } = await probe.pointer()
    assert.deepEqual([rootX, rootY], [799, 599])
    await display.resize({ width: 640, height: 480 })
  })

  it('moves by pixels, adding up parts of them', async () => {
    await bench.arrivalsOf(() => {
      input.send({ type: 'pointer', x: 0, y: 0 })
      for (let step = 0; step < 40; step++) input.send({ type: 'pointer-relative', dx: 2.5, dy: 0.25 })
    })
    const { rootX, rootY } = await probe.pointer()
    assert.deepEqual([rootX, rootY], [100, 10])
  })

  it('does not mind positions that are none', async () => {
    const arrivals = await bench.arrivalsOf(
      () => {
        for (const odd of [Number.NaN, Infinity, -Infinity]) {
          input.send({ type: 'pointer', x: odd, y: 0 })
          input.send({ type: 'pointer-relative', dx: 0, dy: odd })
          input.send({ type: 'wheel', dx: odd, dy: odd })
        }
        input.send({ type: 'pointer-relative', dx: 1e300, dy: -1e300 })
      },
      { motions: true },
    )
    assert.deepEqual(
      arrivals.filter((arrival) => arrival !== 'Motion 639,0'),
      [],
    )
  })

  it('has five buttons and four directions of the wheel', async () => {
    const arrivals = await bench.arrivalsOf(() => {
      for (const name of ['left', 'middle', 'right', 'back', 'forward'] as const) {
        input.send(button(name, true))
        input.send(button(name, false))
      }
      input.send({ type: 'wheel', dx: 0, dy: -1 })
      input.send({ type: 'wheel', dx: 0, dy: 1 })
      input.send({ type: 'wheel', dx: -1, dy: 0 })
      input.send({ type: 'wheel', dx: 1, dy: 0 })
    })
    const buttons = [1, 2, 3, 8, 9, 4, 5, 6, 7]
    assert.deepEqual(
      arrivals,
      buttons.flatMap((number) => [`ButtonPress ${number}`, `ButtonRelease ${number}`]),
    )
  })

  it('is where the button is pressed, though motions before are left out', async () => {
    const arrivals = await bench.arrivalsOf(
      () => {
        for (let step = 0; step <= 100; step++) input.send({ type: 'pointer', x: step / 100, y: 0.5 })
        input.send({ type: 'button', button: 'left', down: true, x: 0.25, y: 0.5 })
        input.send({ type: 'pointer', x: 0.75, y: 0.5 })
        input.send(button('left', false))
      },
      { motions: true },
    )
    const press = arrivals.indexOf('ButtonPress 1')
    assert.equal(arrivals[press - 1], 'Motion 160,240')
    assert.deepEqual(arrivals.slice(press + 1), ['Motion 480,240', 'ButtonRelease 1'])
    assert.ok(press < 10, `${press} motions were sent in one go`)
  })

  it('takes 10,000 motions a second, and tells the server of about 250 of them', async () => {
    const beganAtMs = clock.nowMs()
    let sent = 0
    await new Promise<void>((resolve) => {
      const timer = clock.every(5, () => {
        for (let step = 0; step < 50; step++) input.send({ type: 'pointer', x: (++sent % 640) / 639, y: 0.5 })
        if (clock.nowMs() - beganAtMs < 1000) return
        timer.cancel()
        resolve()
      })
    })
    const seconds = (clock.nowMs() - beganAtMs) / 1000
    await probe.until((arrivals) => arrivals.at(-1) === `Motion ${sent % 640},240`)
    assert.ok(probe.arrivals.length <= 340 * seconds, `${probe.arrivals.length} motions in ${seconds} s`)
    assert.ok(probe.arrivals.length >= 50 * seconds, `${probe.arrivals.length} motions in ${seconds} s`)
  })
})
