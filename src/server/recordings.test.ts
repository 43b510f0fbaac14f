import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { silentLog } from '../kernel/log.ts'
import { ManualClock } from '../kernel/manual-clock.ts'
import { openRecordings } from './recordings.ts'
import { ServerError } from './server-error.ts'

function place(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'recordings-'))
  t.after(() => rmSync(directory, { recursive: true }))
  return directory
}

test('openRecordings keeps the newest two hundred, for nobody else to read', (t) => {
  const directory = join(place(t), 'new')
  const clock = new ManualClock()
  const keep = openRecordings(directory, { clock, log: silentLog })
  for (let session = 0; session < 205; session++) {
    keep(`s${session}`, `recording ${session}`)
    clock.advance(1)
  }
  const names = readdirSync(directory).toSorted()
  assert.equal(names.length, 200)
  assert.equal(readFileSync(join(directory, names[0] ?? ''), 'utf8'), 'recording 5')
  assert.equal(statSync(join(directory, names[0] ?? '')).mode & 0o777, 0o600)
})

test('openRecordings says why when its directory cannot be used, and never throws later', (t) => {
  const directory = place(t)
  writeFileSync(join(directory, 'file'), '')
  assert.throws(
    () => openRecordings(join(directory, 'file', 'x'), { clock: new ManualClock(), log: silentLog }),
    (error) => error instanceof ServerError && error.code === 'invalid-config',
  )
  const gone = join(directory, 'gone')
  const keep = openRecordings(gone, { clock: new ManualClock(), log: silentLog })
  rmSync(gone, { recursive: true })
  assert.doesNotThrow(() => keep('s', 'recording'))
})
