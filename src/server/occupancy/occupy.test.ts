import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { ServerError } from '../contract/server-error.ts'
import { besideServers, occupantOf, occupy } from './occupy.ts'

function place(t: TestContext) {
  const base = mkdtempSync(join(tmpdir(), 'porchlight-occupy-'))
  t.after(() => rmSync(base, { recursive: true }))
  return join(base, 'data')
}

const clock = new ManualClock(Date.UTC(2026, 7, 1, 12, 0))
const inUse = (message: RegExp) => (error: unknown) =>
  error instanceof ServerError && error.code === 'data-directory-in-use' && message.test(error.message)

test('occupy refuses a second server, names the first and says what to do', (t) => {
  const data = place(t)
  const first = occupy(data, clock)
  assert.equal(first.former, undefined)
  const process = `process ${globalThis.process.pid}, since 2026-08-01 12:00 UTC`
  const remedy = `Stop that one first \\(kill ${globalThis.process.pid}\\), or give this one a directory of its own with --data\\.`
  assert.throws(
    () => occupy(data, clock),
    inUse(new RegExp(`^Cannot start on the data in ${data}: another server \\(${process}\\) runs on it\\. ${remedy}$`)),
  )
  first.tell('http://127.0.0.1:8080')
  assert.throws(() => occupy(data, clock), inUse(/UTC, at http:\/\/127\.0\.0\.1:8080\) runs on it/))
  assert.equal(occupantOf(data)?.holder?.url, 'http://127.0.0.1:8080')
  first[Symbol.dispose]()
  assert.deepEqual(readdirSync(data), ['server.lock'])
  assert.equal(occupantOf(data), undefined)
  using again = occupy(data, clock)
  assert.equal(again.former, undefined)
})

test('what a killed server has said of itself refuses nobody, and is handed to the next one', (t) => {
  const data = place(t)
  using first = occupy(data, clock)
  first.tell('http://127.0.0.1:8080')
  const said = readFileSync(join(data, 'server.json'), 'utf8')
  first[Symbol.dispose]()
  writeFileSync(join(data, 'server.json'), said)
  using second = occupy(data, clock)
  assert.equal(second.former?.pid, process.pid)
})

test('a server elsewhere is named as such, and its process id is no advice', (t) => {
  const data = place(t)
  using first = occupy(data, clock)
  first.tell('http://127.0.0.1:8080')
  const said = JSON.parse(readFileSync(join(data, 'server.json'), 'utf8')) as object
  const write = (more: object) => writeFileSync(join(data, 'server.json'), JSON.stringify({ ...said, ...more }))
  write({ processNamespace: 'pid:[1]', machine: 'box\u001B[31m' })
  const advice = 'Stop that one first, where it runs, or give'
  assert.throws(
    () => occupy(data, clock),
    inUse(new RegExp(`in another container or process namespace, "box\\?\\?31m", .*${advice}`)),
  )
  write({ boot: 'another', machine: 'attic' })
  assert.throws(() => occupy(data, clock), inUse(new RegExp(`on another machine, "attic", .*${advice}`)))
})

test('what cannot be read of a holder changes nothing about its lock', (t) => {
  const data = place(t)
  using _ = occupy(data, clock)
  const file = join(data, 'server.json')
  for (const text of ['', '{', '[]', '{"pid":-1}']) {
    writeFileSync(file, text)
    assert.throws(() => occupy(data, clock), inUse(/: another server runs on it\. Stop that one first, or/), text)
  }
  rmSync(file)
  execFileSync('mkfifo', [file])
  assert.throws(() => occupy(data, clock), inUse(/another server runs on it/))
})

test('no server can start while a command works on the data without one', (t) => {
  const data = place(t)
  occupy(data, clock)[Symbol.dispose]()
  besideServers(data, (isOccupied) => {
    assert.equal(isOccupied, false)
    assert.throws(() => occupy(data, clock), inUse(/another server runs on it/))
  })
  using _ = occupy(data, clock)
  besideServers(data, (isOccupied) => assert.equal(isOccupied, true))
})

test('occupy says what is wrong with a directory that cannot be locked', (t) => {
  const data = place(t)
  occupy(data, clock)[Symbol.dispose]()
  rmSync(join(data, 'server.lock'))
  symlinkSync('/dev/zero', join(data, 'server.lock'))
  assert.throws(
    () => occupy(data, clock),
    (error) =>
      error instanceof ServerError &&
      error.code === 'data-directory-unusable' &&
      /Cannot lock .*server\.lock": it is no plain file\. Choose another directory with --data\.$/.test(error.message),
  )
})
