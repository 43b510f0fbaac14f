import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { findExecutable } from '../../child/find-executable.ts'
import {
  decodeEvents,
  effectType,
  encodeAbsSetup,
  encodeEvents,
  encodeSetup,
  eraseBytes,
  eventType,
  inputEventBytes,
  readErase,
  readUpload,
  request,
  uinputCode,
  uploadBytes,
  withRequestId,
} from './kernel-layout.ts'
import { padAxes, padButtons, xboxPad } from './xbox-pad.ts'

const compiler = await findExecutable('gcc')
const run = promisify(execFile)

/** What the compiler makes of expressions about the kernel's headers. */
async function evaluate(expressions: readonly string[]): Promise<number[]> {
  const directory = await mkdtemp(join(tmpdir(), 'uinput-layout-'))
  try {
    const prints = expressions.map((expression) => `printf("%lu\\n", (unsigned long)(${expression}));`).join('\n')
    const source = `#include <stdio.h>\n#include <stddef.h>\n#include <linux/uinput.h>\nint main(void) {\n${prints}\n}\n`
    await writeFile(join(directory, 'layout.c'), source)
    await run(compiler ?? '', ['-o', join(directory, 'layout'), join(directory, 'layout.c')])
    const { stdout } = await run(join(directory, 'layout'), [])
    return stdout.trim().split('\n').map(Number)
  } finally {
    await rm(directory, { recursive: true })
  }
}

test(
  'sizes, offsets and numbers are those of the kernel headers',
  { skip: compiler === undefined && 'there is no gcc' },
  async () => {
    const wanted: Record<string, number> = {
      UI_DEV_CREATE: request.create,
      UI_DEV_DESTROY: request.destroy,
      UI_DEV_SETUP: request.setup,
      UI_ABS_SETUP: request.absSetup,
      UI_SET_EVBIT: request.setEventBit,
      UI_SET_KEYBIT: request.setKeyBit,
      UI_SET_ABSBIT: request.setAbsBit,
      UI_SET_FFBIT: request.setEffectBit,
      UI_BEGIN_FF_UPLOAD: request.beginUpload,
      UI_END_FF_UPLOAD: request.endUpload,
      UI_BEGIN_FF_ERASE: request.beginErase,
      UI_END_FF_ERASE: request.endErase,
      EV_SYN: eventType.syn,
      EV_KEY: eventType.key,
      EV_ABS: eventType.abs,
      EV_FF: eventType.forceFeedback,
      EV_UINPUT: eventType.uinput,
      UI_FF_UPLOAD: uinputCode.upload,
      UI_FF_ERASE: uinputCode.erase,
      FF_RUMBLE: effectType.rumble,
      FF_GAIN: effectType.gain,
      BUS_USB: xboxPad.bus,
      'sizeof(struct input_event)': inputEventBytes,
      'sizeof(struct uinput_setup)': encodeSetup(xboxPad).length,
      'sizeof(struct uinput_abs_setup)': encodeAbsSetup({ code: 0, min: 0, max: 0, fuzz: 0, flat: 0 }).length,
      'sizeof(struct uinput_ff_upload)': uploadBytes,
      'sizeof(struct uinput_ff_erase)': eraseBytes,
      'offsetof(struct input_event, type)': 16,
      'offsetof(struct input_event, code)': 18,
      'offsetof(struct input_event, value)': 20,
      'offsetof(struct uinput_setup, name)': 8,
      'offsetof(struct uinput_setup, ff_effects_max)': 88,
      'offsetof(struct uinput_abs_setup, absinfo)': 4,
      'offsetof(struct uinput_ff_upload, effect)': 8,
      'offsetof(struct ff_effect, id)': 2,
      'offsetof(struct ff_effect, replay)': 10,
      'offsetof(struct ff_effect, u.rumble.strong_magnitude)': 16,
      'offsetof(struct ff_effect, u.rumble.weak_magnitude)': 18,
      'offsetof(struct uinput_ff_erase, effect_id)': 8,
    }
    const buttons = ['A', 'B', 'X', 'Y', 'TL', 'TR', 'SELECT', 'START', 'THUMBL', 'THUMBR', 'MODE']
    buttons.forEach((name, index) => (wanted[`BTN_${name}`] = padButtons[index] ?? -1))
    const axes = ['X', 'Y', 'RX', 'RY', 'Z', 'RZ', 'HAT0X', 'HAT0Y']
    axes.forEach((name, index) => (wanted[`ABS_${name}`] = padAxes[index]?.code ?? -1))
    const found = await evaluate(Object.keys(wanted))
    assert.deepEqual(Object.fromEntries(Object.keys(wanted).map((name, index) => [name, found[index]])), wanted)
  },
)

test('decodeEvents gives back what encodeEvents wrote, and leaves out a rest', () => {
  const events = [
    { type: 3, code: 1, value: -32767 },
    { type: 0x101, code: 2, value: 7 },
  ]
  assert.deepEqual(decodeEvents(encodeEvents(events)), events)
  assert.deepEqual(decodeEvents(encodeEvents(events).subarray(0, 47)), events.slice(0, 1))
})

test('encodeSetup cuts a name that is too long, and ends it', () => {
  const bytes = encodeSetup({ ...xboxPad, name: 'x'.repeat(200), effects: 16 })
  assert.deepEqual([bytes[86], bytes[87], bytes[88]], ['x'.charCodeAt(0), 0, 16])
})

test('readUpload and readErase find what the kernel wrote', () => {
  const upload = withRequestId(uploadBytes, 9)
  upload.set([0x50, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0x2c, 1, 0, 0, 0, 0, 0xff, 0xff, 0, 0], 8)
  assert.deepEqual([...upload.subarray(0, 4)], [9, 0, 0, 0])
  assert.deepEqual(readUpload(upload), { type: 0x50, id: 3, lengthMs: 300, strong: 1, weak: 0 })
  assert.equal(readErase(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0)), 5)
})
