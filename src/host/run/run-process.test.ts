import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { describe, it } from 'node:test'
import { systemClock as clock } from '../../kernel/clock.ts'
import { silentLog as log } from '../../kernel/log.ts'
import { findRunProcesses } from '../child/process-tree.ts'
import { runProcess, type ProcessRunOptions } from './run-process.ts'
import { RunError } from './contract/run-error.ts'
import type { RunningApp } from './contract/runner.ts'

const run = (script: string, options: Partial<ProcessRunOptions> = {}): Promise<RunningApp> =>
  runProcess({ command: ['sh', '-c', script], env: {}, directory: '/', runId: randomUUID(), log, clock, ...options })

async function printed(app: RunningApp, line: string): Promise<void> {
  while (!app.output.includes(line)) await new Promise((resolve) => setTimeout(resolve, 5))
}

describe('runProcess', () => {
  it('rejects with a RunError that names the command when there is none', async () => {
    const isExpected = (error: unknown) =>
      error instanceof RunError && error.code === 'command-not-found' && /no-such-app/.test(error.message)
    await assert.rejects(run('', { command: ['no-such-app'] }), isExpected)
  })

  it('rejects when the directory does not exist', async () => {
    await assert.rejects(run('', { directory: '/no/such/directory' }), { code: 'directory-not-found' })
  })

  it('rejects when the operating system does not take the arguments', async () => {
    await assert.rejects(run('', { command: ['sh', 'a\0b'] }), { code: 'could-not-start' })
  })

  it('gives the app what it was given, its mark, and no more than PATH and LANG beside', async () => {
    const app = await run('env', { env: { COLOUR: 'red', LANG: 'de_DE.UTF-8' }, runId: 'the-run' })
    await app.closed
    const own = app.output.filter((line) => !/^(_|PWD|PATH)=/.test(line))
    assert.deepEqual(own.toSorted(), ['COLOUR=red', 'LANG=de_DE.UTF-8', 'PORCHLIGHT_RUN=the-run'])
  })

  it('goes on without its command as long as it is told to, and ends what is left then', async () => {
    const runId = randomUUID()
    const looks: number[] = []
    const app = await run('sleep 1000 > /dev/null 2>&1 &', {
      runId,
      goesOn: async (processes) => looks.push(await processes()) < 3,
    })
    await app.closed
    assert.deepEqual(looks, [1, 1, 1])
    assert.deepEqual(await findRunProcesses(runId), [])
  })

  it('ends with its last process when that is what it goes on for, and at once when its command fails', async () => {
    const goesOn = async (processes: () => Promise<number>) => (await processes()) > 0
    const app = await run('(sleep 0.3; echo late) & echo early', { goesOn })
    assert.equal((await app.closed).kind, 'clean')
    assert.deepEqual(app.output, ['early', 'late'])
    const failed = await run('sleep 1000 > /dev/null 2>&1 & exit 3', { goesOn })
    assert.equal((await failed.closed).kind, 'error')
  })

  it('tells how the app ended by itself', async () => {
    const well = await run('exit 0')
    assert.deepEqual(await well.closed, { kind: 'clean', reason: 'it exited with code 0' })
    const badly = await run('echo no display >&2; exit 7')
    const end = await badly.closed
    assert.ok(end.kind === 'error' && end.error instanceof RunError)
    assert.equal(end.error.message, 'sh exited with code 7; its last line was "no display"')
    const killed = await run('kill -SEGV $$')
    const signalled = await killed.closed
    assert.match(signalled.kind === 'error' ? signalled.error.message : '', /was killed by SIGSEGV/)
  })

  it('keeps a bounded number of lines when the app prints for ever', async () => {
    await using app = await run('yes')
    await printed(app, 'y')
    assert.ok(app.output.length <= 200)
  })

  it('ends the whole tree when it is closed, also what has detached itself and ignores SIGTERM', async () => {
    const runId = randomUUID()
    const app = await run(`(setsid sh -c "trap '' TERM; sleep 100; sleep 100" &) ; sleep 100 & echo ready; wait`, {
      runId,
    })
    await printed(app, 'ready')
    const beforeMs = clock.nowMs()
    await app.close('stopped')
    assert.ok(clock.nowMs() - beforeMs < 2000)
    assert.deepEqual(await app.closed, { kind: 'clean', reason: 'stopped' })
    assert.deepEqual(await findRunProcesses(runId), [])
  })

  it('ends what the app has left behind when it ends by itself', async () => {
    const runId = randomUUID()
    const app = await run('(setsid sleep 100 >/dev/null 2>&1 &) ; exit 0', { runId })
    await app.closed
    assert.deepEqual(await findRunProcesses(runId), [])
  })

  it('can be closed by many, at any time', async () => {
    const app = await run('sleep 100')
    await Promise.all([app.close('one'), app.close('two'), app[Symbol.asyncDispose]()])
    await app.close()
    assert.deepEqual(await app.closed, { kind: 'clean', reason: 'one' })
  })
})
