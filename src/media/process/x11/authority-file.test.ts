import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import * as fc from '../../../../test/support/fast-check.ts'
import { parseAuthorities, readAuthority } from './authority-file.ts'

const field = (text: string) =>
  Buffer.concat([Buffer.from([text.length >> 8, text.length & 0xff]), Buffer.from(text, 'latin1')])
const entry = (display: string, data: string) =>
  Buffer.concat([Buffer.from([1, 0]), field('host'), field(display), field('MIT-MAGIC-COOKIE-1'), field(data)])

test('readAuthority finds the entry of a display, or one for any', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'porchlight-media-'))
  const path = join(directory, 'authority')
  await writeFile(path, Buffer.concat([entry('7', 'seven'), entry('8', 'eight')]))
  assert.equal(Buffer.from((await readAuthority(path, 8)).data).toString(), 'eight')
  await assert.rejects(readAuthority(path, 9), { code: 'display-failed', message: /no entry/ })
  await writeFile(path, entry('', 'any'))
  assert.equal(Buffer.from((await readAuthority(path, 9)).data).toString(), 'any')
  await rm(directory, { recursive: true })
  await assert.rejects(readAuthority(path, 9), { code: 'display-failed', message: /ENOENT/ })
})

test('parseAuthorities keeps the entries before one that is cut off, and never fails', () => {
  const whole = Buffer.concat([entry('7', 'seven'), entry('8', 'eight')])
  for (let length = 0; length < whole.length; length++) {
    assert.equal(parseAuthorities(whole.subarray(0, length)).length, length < whole.length / 2 ? 0 : 1)
  }
  fc.assert(fc.property(fc.uint8Array(), (bytes) => Array.isArray(parseAuthorities(Buffer.from(bytes)))))
})
