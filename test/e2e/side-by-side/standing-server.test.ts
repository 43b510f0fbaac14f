import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { handledSignals } from '../../../src/server/watchdog/process-status.ts'
import { eventually } from '../../support/eventually.ts'
import { processesOf } from '../../support/processes-of.ts'
import { openPorchlight, type RunningPorchlight } from '../../support/running-porchlight.ts'

const data = await mkdtemp(join(tmpdir(), 'porchlight-standing-'))
test.after(async () => {
  // No start on these data comes after the last test, which would end them.
  for (const { pid } of await sleepers()) process.kill(pid, 'SIGKILL')
  await rm(data, { recursive: true, force: true, maxRetries: 5 })
})

/** Loaded into the server: at SIGUSR2 its main thread stands, as it does when native code does not return. */
const blocker = join(data, 'blocker.mjs')
await writeFile(blocker, `process.on('SIGUSR2', () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0))`)
await writeFile(
  join(data, 'apps.toml'),
  '[apps.sleeper]\ncommand = ["sh", "-c", "setsid -f sleep 77921; exec sleep 77922"]\nsound = false\nfps = 5\n',
)

async function openStanding(): Promise<RunningPorchlight> {
  const flags = ['--data', data, '--app', 'sleeper']
  const house = await openPorchlight({ flags, environment: { NODE_OPTIONS: `--import=${blocker}` } })
  await eventually(sleepers, ({ length }) => length === 2, { what: 'an app that runs' })
  process.kill(house.pid, 'SIGUSR2')
  return house
}

const sleepers = async () => (await processesOf(data)).filter(({ commandLine }) => commandLine.startsWith('sleep 7792'))

test('a server whose main thread stands is ended, with a word of it, and the next start cleans up after it', async () => {
  await using house = await openStanding()
  assert.equal(await house.ended, null)
  const said = house.log.trimEnd().split('\n').at(-1) ?? ''
  assert.match(said, /"level":"error".*The main thread has stood for 10 s: the server is ended/)
  // An app that is a user of its own, as all are of a host that is root, lives in a namespace that ends with its server.
  const mayDetach = process.getuid?.() !== 0
  const left = await eventually(sleepers, ({ length }) => length > 0 === mayDetach, {
    what: mayDetach ? 'what detached itself' : 'nothing that is left',
  })

  await using _ = await openPorchlight({ flags: ['--data', data, '--app', 'sleeper'] })
  await eventually(sleepers, ({ length }) => length === 2, { what: 'the app again' })
  const before = new Set(left.map(({ pid }) => pid))
  assert.ok(!(await sleepers()).some(({ pid }) => before.has(pid)))
})

test('the second SIGTERM ends a server whose main thread stands', async () => {
  await using house = await openStanding()
  process.kill(house.pid, 'SIGTERM')
  const status = () => readFileSync(`/proc/${house.pid}/status`, 'latin1')
  await eventually(
    () => handledSignals(['SIGTERM'], status()),
    ({ length }) => length === 0,
    { what: 'the first signal delivered' },
  )
  process.kill(house.pid, 'SIGTERM')
  assert.equal(await house.ended, null)
  assert.doesNotMatch(house.log, /The main thread has stood/)
})
