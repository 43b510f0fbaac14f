import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { until, Writable } from '../kernel/readable.ts'
import { up } from './up.ts'

/** Runs `up` in this process, with signals and errors that come when the test says so. */
function run(t: TestContext, args: string[]) {
  const directory = mkdtempSync(join(tmpdir(), 'pl-up-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const output = new Writable('')
  const errors = new Writable('')
  const terminal = (text: Writable<string>) => {
    return { write: (more: string) => text.set(text.value + more), isTTY: false, columns: 80 }
  }
  const events = new EventEmitter()
  const exits: number[] = []
  const code = up({
    args: ['--port', '0', '--no-lobby', '--data', join(directory, 'data'), ...args],
    environment: { ...process.env, XDG_RUNTIME_DIR: directory },
    directory,
    output: terminal(output),
    errors: terminal(errors),
    process: events,
    exit: (forced) => exits.push(forced),
  })
  const says = (text: string) => until(output, (value) => value.includes(text))
  return { directory, output, errors, events, exits, code, says }
}

test('up takes a second signal for an order to stop at once', async (t) => {
  const { events, exits, code, says } = run(t, [])
  await says('Open')
  events.emit('SIGINT')
  assert.deepEqual(exits, [])
  events.emit('SIGINT')
  assert.deepEqual(exits, [130])
  assert.equal(await code, 0)
  assert.deepEqual(events.eventNames(), [])
})

test('up stops in order and ends with 1 when an error was not caught', async (t) => {
  for (const event of ['uncaughtException', 'unhandledRejection']) {
    const { directory, events, errors, output, code, says } = run(t, [])
    await says('Open')
    events.emit(event, new Error('lost somewhere'))
    assert.equal(await code, 1)
    assert.match(errors.value, /Porchlight has to stop: lost somewhere/)
    assert.match(output.value, /Porchlight is off\.\n$/)
    assert.deepEqual(readdirSync(directory), ['data'])
  }
})

test('up waits for the start to end when a signal comes during it', async (t) => {
  const { directory, events, code } = run(t, [])
  events.emit('SIGTERM')
  assert.equal(await code, 0)
  assert.deepEqual(readdirSync(directory), ['data'])
})
