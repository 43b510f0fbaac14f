import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import fc from 'fast-check'
import { openProbeWindow, type ProbeWindow } from '../../../../test/support/probe-window.ts'
import { systemClock as clock } from '../../../kernel/clock.ts'
import { silentLog as log } from '../../../kernel/log.ts'
import type { InputEvent, PointerButton } from '../../input-event.ts'
import type { Display, DisplayInput } from '../display.ts'
import { openDisplay } from '../open-display.ts'
import { keycodes } from './keycodes.ts'

let runtimeDirectory: string
let display: Display
let probe: ProbeWindow
let input: DisplayInput

before(async () => {
  runtimeDirectory = await mkdtemp(join(tmpdir(), 'player-input-'))
  display = await openDisplay({ runtimeDirectory, size: { width: 640, height: 480 }, layout: 'us', log, clock })
  probe = await openProbeWindow(display)
})
after(async () => {
  await probe[Symbol.asyncDispose]()
  await display.close()
  await rm(runtimeDirectory, { recursive: true })
})
beforeEach(async () => {
  input?.close()
  await nothingHeld()
  input = display.openInput()
  probe.forget()
})

const key = (code: string, name: string, down: boolean): InputEvent => ({ type: 'key', code, key: name, down })
const button = (name: PointerButton, down: boolean): InputEvent => ({
  type: 'button',
  button: name,
  down,
  x: undefined,
  y: undefined,
})

/** Everything that arrives of these events, keys and buttons only unless motions are asked for. */
async function arrivalsOf(send: () => void, options: { motions?: boolean } = {}): Promise<readonly string[]> {
  probe.forget()
  send()
  const last = display.openInput()
  last.send(key('Pause', 'Pause', true))
  last.close()
  await probe.until((arrivals) => arrivals.includes('KeyRelease 127'))
  const end = probe.arrivals.indexOf('KeyPress 127')
  return probe.arrivals.slice(0, end).filter((arrival) => options.motions || !arrival.startsWith('Motion'))
}

/** Waits until no key, button or modifier is down on the server; locks may stay. */
async function nothingHeld(): Promise<void> {
  const giveUpAtMs = clock.nowMs() + 3000
  for (;;) {
    const [keys, { keyMask }] = await Promise.all([probe.heldKeys(), probe.pointer()])
    const held = keyMask & ~0b1_0010 // Lock and NumLock
    if (keys.length === 0 && held === 0) return
    assert.ok(clock.nowMs() < giveUpAtMs, `still held: keys ${keys.join(' ')}, mask ${held.toString(2)}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

describe('keys', () => {
  it('arrive as the physical keys they are, which games look at', async () => {
    const arrivals = await arrivalsOf(() => {
      for (const [code, name] of [
        ['KeyW', 'w'],
        ['KeyA', 'a'],
        ['ArrowLeft', 'ArrowLeft'],
        ['F5', 'F5'],
      ] as const) {
        input.send(key(code, name, true))
        input.send(key(code, name, false))
      }
    })
    const expected = [25, 38, 113, 71].flatMap((keycode) => [`KeyPress ${keycode}`, `KeyRelease ${keycode}`])
    assert.deepEqual(arrivals, expected)
  })

  it('are held as long as the player holds them, and repeat meanwhile', async () => {
    const repeats = ['KeyPress 38', 'KeyRelease 38', 'KeyPress 38', 'KeyRelease 38', 'KeyPress 38']
    const beganAtMs = clock.nowMs()
    for (let repeat = 0; repeat < 20; repeat++) input.send(key('KeyA', 'a', true))
    await probe.until((arrivals) => arrivals.length >= repeats.length)
    assert.ok(clock.nowMs() - beganAtMs > 300, 'it is the server that repeats, after a while, and not the browser')
    assert.deepEqual(probe.arrivals.slice(0, repeats.length), repeats)
    assert.deepEqual(await probe.heldKeys(), [38])
    input.send(key('KeyA', 'a', false))
    await nothingHeld()
  })

  it('go up where they went down when their meaning has changed', async () => {
    await arrivalsOf(() => input.send(key('KeyZ', 'y', true)))
    assert.deepEqual(await probe.heldKeys(), [29], 'y stands elsewhere on a German keyboard')
    input.send(key('KeyZ', 'Z', false))
    await nothingHeld()
  })

  it('go up where they went down when the layout has changed', async () => {
    await arrivalsOf(() => input.send(key('KeyQ', 'q', true)))
    await display.setLayout('fr')
    input.send(key('KeyQ', 'q', false))
    await nothingHeld()
    await display.setLayout('us')
  })

  it('bring modifiers along for one stroke, and give back what the player holds', async () => {
    const withShift = await arrivalsOf(() => input.send(key('Digit7', '/', true)))
    assert.deepEqual(withShift, ['KeyPress 61'], 'a key that writes it plainly is held')
    const arrivals = await arrivalsOf(() => {
      input.send(key('ShiftLeft', 'Shift', true))
      input.send(key('Minus', '-', true))
    })
    assert.deepEqual(arrivals, ['KeyPress 50', 'KeyRelease 50', 'KeyPress 20', 'KeyRelease 20', 'KeyPress 50'])
    assert.deepEqual(await probe.heldKeys(), [50, 61])
  })

  it('reach the app as the command they are, whatever the layouts', async () => {
    const arrivals = await arrivalsOf(() => {
      input.send(key('ControlLeft', 'Control', true))
      input.send(key('KeyQ', 'a', true))
    })
    assert.deepEqual(arrivals, ['KeyPress 37', 'KeyPress 38'], 'Ctrl+A of a French keyboard')
  })

  it('drop the Control that Windows sends before AltGr, again and again', async () => {
    const arrivals = await arrivalsOf(() => {
      for (let repeat = 0; repeat < 3; repeat++) {
        input.send(key('ControlLeft', 'Control', true))
        input.send(key('AltRight', 'AltGraph', true))
      }
      input.send(key('ControlLeft', 'Control', false))
      input.send(key('AltRight', 'AltGraph', false))
      input.send(key('ControlLeft', 'Control', true))
      input.send(key('ControlLeft', 'Control', false))
    })
    const [control, altGr] = [37, 92]
    assert.deepEqual(arrivals, [
      `KeyPress ${control}`,
      `KeyRelease ${control}`,
      `KeyPress ${altGr}`,
      `KeyRelease ${altGr}`,
      `KeyPress ${control}`,
      `KeyRelease ${control}`,
    ])
  })

  it('without a place, as a phone has them, go by what they say', async () => {
    const arrivals = await arrivalsOf(() => {
      input.send(key('', 'Enter', true))
      input.send(key('', 'Enter', false))
      input.send(key('', 'a', true))
      input.send(key('', 'A', false))
    })
    assert.deepEqual(arrivals, ['KeyPress 36', 'KeyRelease 36', 'KeyPress 38', 'KeyRelease 38'])
  })

  it('that mean nothing here are dropped', async () => {
    const odd = ['', 'Unidentified', 'Process', 'NoSuchKey', '\0', '\ud800', 'Dead']
    const arrivals = await arrivalsOf(() => {
      for (const name of odd) for (const down of [true, false]) input.send(key('', name, down))
    })
    assert.deepEqual(arrivals, [])
  })

  it('have every code of the table, none of which is refused', async () => {
    for (const code of keycodes.keys()) {
      const arrivals = await arrivalsOf(() => {
        input.send(key(code, 'Unidentified', true))
        input.send(key(code, 'Unidentified', false))
      })
      if (code === 'Pause') continue
      assert.equal(arrivals.filter((arrival) => arrival === `KeyPress ${keycodes.get(code)}`).length, 1, code)
    }
  })
})

describe('locks', () => {
  it('follow what the player writes', async () => {
    const lock = 2
    await arrivalsOf(() => {
      input.send(key('KeyA', 'A', true))
      input.send(key('KeyA', 'A', false))
    })
    assert.equal((probe.states[0] ?? 0) & lock, lock, 'CapsLock is on at the player')
    await arrivalsOf(() => {
      input.send(key('KeyA', 'a', true))
      input.send(key('KeyA', 'a', false))
    })
    assert.equal((probe.states[0] ?? 0) & lock, 0, 'and off again')
  })

  it('make the keypad write digits or move', async () => {
    const numLock = 16
    await arrivalsOf(() => {
      input.send(key('Numpad4', '4', true))
      input.send(key('Numpad4', '4', false))
    })
    assert.equal((probe.states[0] ?? 0) & numLock, numLock)
    await arrivalsOf(() => {
      input.send(key('Numpad4', 'ArrowLeft', true))
      input.send(key('Numpad4', 'ArrowLeft', false))
    })
    assert.equal((probe.states[0] ?? 0) & numLock, 0)
  })
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
      const arrivals = await arrivalsOf(() => input.send({ type: 'pointer', x, y }), { motions: true })
      assert.deepEqual(arrivals, [`Motion ${pixels}`])
    }
  })

  it('follows the size of the display', async () => {
    await display.resize({ width: 800, height: 600 })
    await arrivalsOf(() => input.send({ type: 'pointer', x: 1, y: 1 }))
    const { rootX, rootY } = await probe.pointer()
    assert.deepEqual([rootX, rootY], [799, 599])
    await display.resize({ width: 640, height: 480 })
  })

  it('moves by pixels, adding up parts of them', async () => {
    await arrivalsOf(() => {
      input.send({ type: 'pointer', x: 0, y: 0 })
      for (let step = 0; step < 40; step++) input.send({ type: 'pointer-relative', dx: 2.5, dy: 0.25 })
    })
    const { rootX, rootY } = await probe.pointer()
    assert.deepEqual([rootX, rootY], [100, 10])
  })

  it('does not mind positions that are none', async () => {
    const arrivals = await arrivalsOf(
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
    const arrivals = await arrivalsOf(() => {
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
    const arrivals = await arrivalsOf(
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
    assert.deepEqual(arrivals.slice(press + 1), ['Motion 479,240', 'ButtonRelease 1'])
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

describe('players', () => {
  it('who hold the same key or button hold it until the last one lets go', async () => {
    const other = display.openInput()
    await arrivalsOf(() => {
      for (const one of [input, other]) {
        one.send(key('ShiftLeft', 'Shift', true))
        one.send(button('left', true))
      }
      input.send(key('ShiftLeft', 'Shift', false))
      input.send(button('left', false))
    })
    assert.deepEqual(await probe.heldKeys(), [50])
    assert.equal((await probe.pointer()).keyMask & 256, 256)
    other.close()
    await nothingHeld()
  })

  it('write what they mean though another one holds modifiers', async () => {
    const other = display.openInput()
    const arrivals = await arrivalsOf(() => {
      other.send(key('ControlLeft', 'Control', true))
      input.send(key('KeyA', 'a', true))
    })
    assert.deepEqual(arrivals, ['KeyPress 37', 'KeyRelease 37', 'KeyPress 38', 'KeyRelease 38', 'KeyPress 37'])
    other.close()
  })

  it('release everything when they are told to, and when they are closed', async () => {
    const hold = () => {
      for (const code of ['KeyA', 'ShiftLeft', 'ControlRight', 'F1']) input.send(key(code, 'Unidentified', true))
      input.send(key('', 'ω', true))
      for (const name of ['left', 'forward'] as const) input.send(button(name, true))
    }
    await arrivalsOf(hold)
    assert.ok((await probe.heldKeys()).length >= 4)
    input.send({ type: 'release-all' })
    await nothingHeld()
    await arrivalsOf(hold)
    input.close()
    input.close()
    input.send(key('KeyA', 'a', true))
    await nothingHeld()
  })

  it('leave nothing down when they have gone, whatever they did', async () => {
    const code = fc.constantFrom(
      '',
      'KeyA',
      'KeyQ',
      'Digit2',
      'ShiftLeft',
      'ControlLeft',
      'AltRight',
      'CapsLock',
      'Numpad4',
    )
    const name = fc.constantFrom(
      'a',
      'Q',
      '@',
      'é',
      '漢',
      '4',
      'Shift',
      'Control',
      'AltGraph',
      'CapsLock',
      'Dead',
      'Enter',
    )
    const down = fc.boolean()
    const event: fc.Arbitrary<InputEvent> = fc.oneof(
      { weight: 6, arbitrary: fc.record({ type: fc.constant('key' as const), code, key: name, down }) },
      {
        weight: 1,
        arbitrary: fc.record({ type: fc.constant('text' as const), text: fc.string({ unit: 'grapheme' }) }),
      },
      {
        weight: 2,
        arbitrary: fc.record({
          type: fc.constant('button' as const),
          button: fc.constantFrom<PointerButton>('left', 'middle', 'right', 'back', 'forward'),
          down,
          x: fc.option(fc.double(), { nil: undefined }),
          y: fc.option(fc.double(), { nil: undefined }),
        }),
      },
      { weight: 1, arbitrary: fc.record({ type: fc.constant('wheel' as const), dx: fc.double(), dy: fc.double() }) },
      { weight: 1, arbitrary: fc.record({ type: fc.constant('pointer' as const), x: fc.double(), y: fc.double() }) },
    )
    const steps = fc.array(fc.record({ player: fc.nat(1), event }), { minLength: 1, maxLength: 60 })
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const players = [display.openInput(), display.openInput()]
        for (const step of all) players[step.player]?.send(step.event)
        for (const player of players) player.close()
        await nothingHeld()
      }),
      { numRuns: 150 },
    )
  })
})
