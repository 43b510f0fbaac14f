import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from '../../../kernel/manual-clock.ts'
import { neutralState, type GamepadState, type Rumble } from '../../../domain/gamepad.ts'
import { decodeEvents, encodeEvents, request, type KernelEvent } from './kernel-layout.ts'
import { openUinputGamepad, type UinputFile } from './uinput-gamepad.ts'

/** The kernel's end of a uinput file, as far as it can be seen from ours. */
class ScriptedUinput implements UinputFile {
  readonly requests: number[] = []
  readonly written: KernelEvent[] = []
  readonly wanted: KernelEvent[] = []
  /** What the kernel fills into the structures of `beginUpload` and `beginErase`. */
  readonly answers: Uint8Array[] = []
  refuses: number | undefined
  isOpen = true

  ioctl(number: number, argument: number | Uint8Array): void {
    this.requests.push(number)
    if (number === this.refuses) throw new Error('refused')
    const answers = number === request.beginUpload || number === request.beginErase
    if (answers && typeof argument !== 'number') argument.set(this.answers.shift() ?? [], 4)
  }

  write(bytes: Uint8Array): void {
    this.written.push(...decodeEvents(bytes))
  }

  read(): Uint8Array {
    return encodeEvents(this.wanted.splice(0))
  }

  close(): void {
    this.isOpen = false
  }
}

function plugIn() {
  const clock = new ManualClock()
  const file = new ScriptedUinput()
  const pad = openUinputGamepad(file, clock)
  const felt: Rumble[] = []
  pad.onRumble((rumble) => felt.push(rumble))
  const want = (...events: readonly KernelEvent[]) => {
    file.wanted.push(...events)
    clock.advance(16)
  }
  /** An app loads a rumble effect. */
  const load = (id: number, lengthMs: number, strong: number, weak: number) => {
    const answer = new Uint8Array(100)
    const view = new DataView(answer.buffer)
    view.setUint16(4, 0x50, true)
    view.setInt16(6, id, true)
    view.setUint16(14, lengthMs, true)
    view.setUint16(20, strong, true)
    view.setUint16(22, weak, true)
    file.answers.push(answer)
    want({ type: 0x101, code: 1, value: 77 })
  }
  return { clock, file, pad, felt, want, load }
}

const held: GamepadState = { buttons: 0b1_0001_0000_0000_0001, triggers: [1, 0], sticks: [1, -1, 0, 0] }

test('openUinputGamepad describes the pad before it makes it, and closes what the kernel refuses', () => {
  const { file, pad } = plugIn()
  assert.deepEqual(file.requests.slice(-2), [request.setup, request.create])
  assert.equal(file.requests.filter((number) => number === request.setKeyBit).length, 11)
  assert.equal(file.requests.filter((number) => number === request.absSetup).length, 8)
  pad.close()
  const refusing = new ScriptedUinput()
  refusing.refuses = request.create
  assert.throws(() => openUinputGamepad(refusing, new ManualClock()), /refused/)
  assert.equal(refusing.isOpen, false)
})

test('write tells the kernel what has changed, and that it is complete', () => {
  const { file, pad } = plugIn()
  pad.write(held)
  assert.deepEqual(file.written, [
    { type: 1, code: 0x130, value: 1 },
    { type: 1, code: 0x13c, value: 1 },
    { type: 3, code: 0x00, value: 32767 },
    { type: 3, code: 0x01, value: -32767 },
    { type: 3, code: 0x02, value: 255 },
    { type: 3, code: 0x11, value: -1 },
    { type: 0, code: 0, value: 0 },
  ])
  pad.write(held)
  assert.equal(file.written.length, 7)
})

test('close lets everything go, unplugs the pad and listens no longer', () => {
  const { clock, file, pad } = plugIn()
  pad.write(held)
  file.written.length = 0
  pad.close()
  pad.close()
  pad.write(held)
  assert.deepEqual(
    file.written.map(({ value }) => value),
    [0, 0, 0, 0, 0, 0, 0],
  )
  assert.equal(file.requests.filter((number) => number === request.destroy).length, 1)
  assert.equal(file.isOpen, false)
  assert.equal(clock.pending, 0)
})

test('onRumble tells the vibrations that apps play, with their gain, and when they stop', () => {
  const { file, felt, load, want } = plugIn()
  load(2, 300, 0xffff, 0)
  assert.deepEqual(file.requests.slice(-2), [request.beginUpload, request.endUpload])
  want({ type: 0x15, code: 2, value: 1 })
  want({ type: 0x15, code: 0x60, value: 0x8000 }, { type: 0x15, code: 2, value: 2 })
  want({ type: 0x15, code: 2, value: 0 })
  assert.deepEqual(
    felt.map(({ strong, weak, durationMs }) => [Math.round(strong * 100), weak, durationMs]),
    [
      [100, 0, 300],
      [50, 0, 600],
      [0, 0, 0],
    ],
  )
})

test('onRumble tells one vibration a look, and none of an effect that is not there', () => {
  const { felt, file, load, want } = plugIn()
  load(0, 0, 0xffff, 0xffff)
  load(99, 100, 0xffff, 0xffff)
  want({ type: 0x15, code: 99, value: 1 })
  want(...Array.from({ length: 60 }, () => ({ type: 0x15, code: 0, value: 1 })))
  assert.deepEqual(felt, [{ strong: 1, weak: 1, durationMs: 5000 }])
  file.answers.push(new Uint8Array(8))
  want({ type: 0x101, code: 2, value: 78 })
  want({ type: 0x15, code: 0, value: 1 })
  assert.equal(felt.length, 1)
})

test('a device that fails is closed, and nothing is thrown', () => {
  const { clock, file, pad } = plugIn()
  file.read = () => {
    throw new Error('ENODEV')
  }
  clock.advance(16)
  assert.equal(file.isOpen, false)
  pad.write(neutralState)
})
