import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { ManualClock } from '../../../kernel/manual-clock.ts'
import { neutralState } from '../../../domain/gamepad.ts'
import { openUinput } from './open-uinput.ts'

const clock = new ManualClock()
const there = await openUinput({ clock }).catch(() => undefined)

test('openUinput says what to do where there is no uinput', async () => {
  await assert.rejects(openUinput({ clock, path: '/nowhere/uinput' }), {
    code: 'uinput-missing',
    message: /modprobe uinput/,
  })
})

test('openUinput calls the kernel, which refuses what is no uinput', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'uinput-'))
  const path = join(directory, 'file')
  await writeFile(path, '')
  const port = await openUinput({ clock, path })
  assert.throws(() => port.open(), { code: 'device-failed', message: /ioctl 0x40045564 failed: ENOTTY/ })
  await rm(directory, { recursive: true })
})

test('openUinput makes a pad that takes states', { skip: !there && 'there is no /dev/uinput here' }, () => {
  const pad = there?.open()
  pad?.write({ ...neutralState, buttons: 1 })
  pad?.close()
})
