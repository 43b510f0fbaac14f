import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import * as fc from '../../../../test/support/fast-check.ts'
import { button, key, openInputBench, type InputBench } from '../../../../test/support/input-bench.ts'
import { connectTo, type ProbeWindow } from '../../../../test/support/probe-window.ts'
import { systemClock as clock } from '../../../kernel/clock.ts'
import type { InputEvent, PointerButton } from '../../../domain/input-event.ts'
import type { Display, DisplayInput } from '../contract/display.ts'
import { keycodes } from './keycodes.ts'

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

describe('keys', () => {
  it('arrive as the physical keys they are, which games look at', async () => {
    const arrivals = await bench.arrivalsOf(() => {
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
    await bench.nothingHeld()
  })

  it('go up where they went down when their meaning has changed', async () => {
    await bench.arrivalsOf(() => input.send(key('KeyZ', 'y', true)))
    assert.deepEqual(await probe.heldKeys(), [29], 'y stands elsewhere on a German keyboard')
    input.send(key('KeyZ', 'Z', false))
    await bench.nothingHeld()
  })

  it('go up where they went down when the layout has changed', async () => {
    await bench.arrivalsOf(() => input.send(key('KeyQ', 'q', true)))
    await display.setLayout('fr')
    input.send(key('KeyQ', 'q', false))
    await bench.nothingHeld()
    await display.setLayout('us')
  })

  it('arrive while a program has grabbed the server, which is waited for', async () => {
    await using program = await connectTo(display)
    program.tell(() => program.client.GrabServer())
    await program.roundTrip()
    const arrivals = await bench.arrivalsOf(() => {
      input.send(key('KeyW', 'w', true))
      input.send(key('KeyW', 'w', false))
      input.send(button('left', true))
      input.send(button('left', false))
    })
    assert.deepEqual(arrivals.slice(0, 2), ['KeyPress 25', 'KeyRelease 25'])
    program.tell(() => program.client.UngrabServer())
    await program.roundTrip()
  })

  it('bring modifiers along for one stroke, and give back what the player holds', async () => {
    const withShift = await bench.arrivalsOf(() => input.send(key('Digit7', '/', true)))
    assert.deepEqual(withShift, ['KeyPress 61'], 'a key that writes it plainly is held')
    const arrivals = await bench.arrivalsOf(() => {
      input.send(key('ShiftLeft', 'Shift', true))
      input.send(key('Minus', '-', true))
    })
    assert.deepEqual(arrivals, ['KeyPress 50', 'KeyRelease 50', 'KeyPress 20', 'KeyRelease 20', 'KeyPress 50'])
    assert.deepEqual(await probe.heldKeys(), [50, 61])
  })

  it('reach the app as the command they are, whatever the layouts', async () => {
    const arrivals = await bench.arrivalsOf(() => {
      input.send(key('ControlLeft', 'Control', true))
      input.send(key('KeyQ', 'a', true))
    })
    assert.deepEqual(arrivals, ['KeyPress 37', 'KeyPress 38'], 'Ctrl+A of a French keyboard')
  })

  it('drop the Control that Windows sends before AltGr, again and again', async () => {
    const arrivals = await bench.arrivalsOf(() => {
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
    const arrivals = await bench.arrivalsOf(() => {
      input.send(key('', 'Enter', true))
      input.send(key('', 'Enter', false))
      input.send(key('', 'a', true))
      input.send(key('', 'A', false))
    })
    assert.deepEqual(arrivals, ['KeyPress 36', 'KeyRelease 36', 'KeyPress 38', 'KeyRelease 38'])
  })

  it('that mean nothing here are dropped', async () => {
    const odd = ['', 'Unidentified', 'Process', 'NoSuchKey', '\0', '\ud800', 'Dead']
    const arrivals = await bench.arrivalsOf(() => {
      for (const name of odd) for (const down of [true, false]) input.send(key('', name, down))
    })
    assert.deepEqual(arrivals, [])
  })

  it('have every code of the table, none of which is refused', async () => {
    for (const code of keycodes.keys()) {
      // The bench's own sign that everything has come: a second one would be taken for the next key's.
      if (code === 'Pause') continue
      const arrivals = await bench.arrivalsOf(() => {
        input.send(key(code, 'Unidentified', true))
        input.send(key(code, 'Unidentified', false))
      })
      assert.equal(arrivals.filter((arrival) => arrival === `KeyPress ${keycodes.get(code)}`).length, 1, code)
    }
  })
})

describe('locks', () => {
  it('follow what the player writes', async () => {
    const lock = 2
    await bench.arrivalsOf(() => {
      input.send(key('KeyA', 'A', true))
      input.send(key('KeyA', 'A', false))
    })
    assert.equal((probe.states[0] ?? 0) & lock, lock, 'CapsLock is on at the player')
    await bench.arrivalsOf(() => {
      input.send(key('KeyA', 'a', true))
      input.send(key('KeyA', 'a', false))
    })
    assert.equal((probe.states[0] ?? 0) & lock, 0, 'and off again')
  })

  it('make the keypad write digits or move', async () => {
    const numLock = 16
    await bench.arrivalsOf(() => {
      input.send(key('Numpad4', '4', true))
      input.send(key('Numpad4', '4', false))
    })
    assert.equal((probe.states[0] ?? 0) & numLock, numLock)
    await bench.arrivalsOf(() => {
      input.send(key('Numpad4', 'ArrowLeft', true))
      input.send(key('Numpad4', 'ArrowLeft', false))
    })
    assert.equal((probe.states[0] ?? 0) & numLock, 0)
  })
})

describe('a text that is written', () => {
  it('is told to be done when all of it has arrived, behind what was sent before', async () => {
    input.send(key('KeyA', 'a', true))
    input.send(key('KeyA', 'a', false))
    const written = 'b'.repeat(100) + 'ω'
    assert.equal(await input.write(written), true)
    await probe.until((arrivals) => arrivals.filter((arrival) => arrival.startsWith('KeyRelease')).length === 102)
    const presses = probe.arrivals.filter((arrival) => arrival.startsWith('KeyPress'))
    assert.deepEqual(
      [presses.length, presses[0], presses[1], presses[100]],
      [102, 'KeyPress 38', 'KeyPress 56', presses[1]],
    )
  })

  it('is told to be undone when it does not fit, and when the player goes before its end', async () => {
    assert.equal(await input.write('x'.repeat(20_001)), false)
    const long = input.write('b'.repeat(20_000))
    input.close()
    assert.equal(await long, false)
    assert.equal(await input.write('b'), false)
  })
})

describe('players', () => {
  it('who hold the same key or button hold it until the last one lets go', async () => {
    const other = display.openInput()
    await bench.arrivalsOf(() => {
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
    await bench.nothingHeld()
  })

  it('write what they mean though another one holds modifiers', async () => {
    const other = display.openInput()
    const arrivals = await bench.arrivalsOf(() => {
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
    await bench.arrivalsOf(hold)
    assert.ok((await probe.heldKeys()).length >= 4)
    input.send({ type: 'release-all' })
    await bench.nothingHeld()
    await bench.arrivalsOf(hold)
    input.close()
    input.close()
    input.send(key('KeyA', 'a', true))
    await bench.nothingHeld()
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
        await bench.nothingHeld()
      }),
      { numRuns: 150 },
    )
  })
})
