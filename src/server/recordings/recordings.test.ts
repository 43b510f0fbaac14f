import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { silentLog } from '../../kernel/log.ts'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { checkSeal, withoutSeal } from '../../kernel/monitor/recording-seal.ts'
import { openRecordingKey, publicKeyFile, readSealCheck } from './recording-key.ts'
import { openRecordings } from './recordings.ts'
import { ServerError } from '../contract/server-error.ts'

function place(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'recordings-'))
  t.after(() => rmSync(directory, { recursive: true }))
  return directory
}

test('openRecordings keeps the newest two hundred, for nobody else to read', (t) => {
  const directory = join(place(t), 'new')
  const clock = new ManualClock()
  const key = openRecordingKey(place(t))
  const keep = openRecordings(directory, { clock, log: silentLog, key })
  for (let session = 0; session < 205; session++) {
    keep(`s${session}`, `recording ${session}\n`)
    clock.advance(1)
  }
  const names = readdirSync(directory).toSorted()
  assert.equal(names.length, 200)
  assert.equal(withoutSeal(readFileSync(join(directory, names[0] ?? ''), 'utf8')), 'recording 5\n')
  assert.equal(statSync(join(directory, names[0] ?? '')).mode & 0o777, 0o600)
})

test('openRecordings says why when its directory cannot be used, and never throws later', (t) => {
  const directory = place(t)
  const key = openRecordingKey(place(t))
  writeFileSync(join(directory, 'file'), '')
  assert.throws(
    () => openRecordings(join(directory, 'file', 'x'), { clock: new ManualClock(), log: silentLog, key }),
    (error) => error instanceof ServerError && error.code === 'invalid-config',
  )
  const gone = join(directory, 'gone')
  const keep = openRecordings(gone, { clock: new ManualClock(), log: silentLog, key })
  rmSync(gone, { recursive: true })
  assert.doesNotThrow(() => keep('s', 'recording'))
})

test('what openRecordings has kept cannot be altered unnoticed, by whoever has not the key', (t) => {
  const [directory, data, other] = [place(t), place(t), place(t)]
  const keep = openRecordings(directory, { clock: new ManualClock(), log: silentLog, key: openRecordingKey(data) })
  keep('s', '{"header":1}\n{"label":"ready"}\n{"label":"offer"}\n')
  const [name = ''] = readdirSync(directory)
  const text = readFileSync(join(directory, name), 'utf8')
  const check = readSealCheck(publicKeyFile(data))
  assert.deepEqual(checkSeal(text, check), { kind: 'whole' })
  openRecordingKey(data)
  assert.deepEqual(checkSeal(text, readSealCheck(publicKeyFile(data))), { kind: 'whole' }, 'the key stays')
  for (let at = 0; at < text.length - 1; at++) {
    const altered = `${text.slice(0, at)}${text[at] === 'x' ? 'y' : 'x'}${text.slice(at + 1)}`
    assert.notEqual(checkSeal(altered, check).kind, 'whole', `character ${at}`)
  }
  const lines = text.split(/(?<=\n)/)
  for (const index of lines.keys()) {
    assert.notEqual(checkSeal(lines.toSpliced(index, 1).join(''), check).kind, 'whole', 'a line is left out')
    assert.notEqual(checkSeal(lines.toSpliced(index, 0, '{}\n').join(''), check).kind, 'whole', 'a line is added')
  }
  assert.equal(checkSeal([lines[1], lines[0], ...lines.slice(2)].join(''), check).kind, 'altered', 'lines are moved')
  openRecordingKey(other)
  assert.deepEqual(checkSeal(text, readSealCheck(publicKeyFile(other))), {
    kind: 'altered',
    why: 'its seal is not by this key',
  })
})
