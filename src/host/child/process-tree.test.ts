import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { systemClock as clock } from '../../kernel/clock.ts'
import { endProcesses } from './end-processes.ts'
import { endRun, findHostProcesses, findRunProcesses, hostMark, runMarker, runName } from './process-tree.ts'

/** Runs a shell script under a mark; resolves when it has printed `ready`. */
async function run(runId: string, script: string): Promise<void> {
  const shell = spawn('sh', ['-c', script], { env: { PATH: process.env['PATH'], [runMarker]: runId }, detached: true })
  await once(shell.stdout, 'data')
  shell.unref()
  shell.stdout.destroy()
  shell.stderr.destroy()
}

/** What is found of a run as soon as so many processes are, and so many of them have a session of their own: setsid(1) takes its time. */
async function found(runId: string, { processes, sessions }: { processes: number; sessions: number }) {
  for (;;) {
    const all = await findRunProcesses(runId)
    const leaders = all.filter(({ pid, sessionId }) => pid === sessionId)
    if (all.length === processes && leaders.length === sessions) return all
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

describe('findRunProcesses', () => {
  it('finds nothing when there is no such run', async () => {
    assert.deepEqual(await findRunProcesses(randomUUID()), [])
  })

  it('finds all that is not older than the first process of a run, and looks at nothing else', async () => {
    const runId = randomUUID()
    await run(runId, '(setsid sleep 100 >/dev/null 2>&1 &) ; env -i /bin/sleep 100 & echo ready; wait')
    const all = await found(runId, { processes: 3, sessions: 2 })
    const ticks = all.map(({ startTicks }) => startTicks)
    assert.deepEqual(await findRunProcesses(runId, Math.min(...ticks)), all)
    assert.deepEqual(await findRunProcesses(runId, Math.max(...ticks) + 1), [])
    assert.deepEqual(await endRun({ runId, sinceTicks: Math.min(...ticks), clock }), [])
    assert.deepEqual(await findRunProcesses(runId), [])
  })
})

describe('findHostProcesses', () => {
  it('finds what runs under any mark of a host, and nothing of another one', async () => {
    const [host, copy] = [randomUUID().slice(-12), randomUUID().slice(-12)]
    const lobby = randomUUID()
    await run(runName(host, lobby), 'echo ready; sleep 100')
    await run(runName(copy, lobby), 'echo ready; sleep 100')
    await run(hostMark(host)[runMarker] ?? '', 'env -i /bin/sleep 100 & echo ready; wait')
    const find = () => findHostProcesses(host)
    while ((await find()).length < 4) await new Promise((resolve) => setTimeout(resolve, 5))
    assert.deepEqual(await endProcesses({ find, clock }), [])
    const ofCopy = await findHostProcesses(copy)
    assert.ok(ofCopy.length > 0)
    assert.deepEqual(await findRunProcesses(runName(copy, lobby)), ofCopy)
    await endRun({ runId: runName(copy, lobby), clock })
  })

  it('finds neither itself nor what it was started from, whatever marks they have', async () => {
    const host = randomUUID().slice(-12)
    const script = `import(${JSON.stringify(import.meta.resolve('./process-tree.ts'))})
      .then(({ findHostProcesses }) => findHostProcesses('${host}')).then((found) => console.log(found.length))`
    const env = { PATH: process.env['PATH'], [runMarker]: runName(host, 'a') }
    // The shell waits, as one does from which somebody starts a server anew; beside it something runs.
    const shell = spawn('sh', ['-c', 'sleep 100 & "$0" -e "$1"; kill $!', process.execPath, script], { env })
    const [printed] = await once(shell.stdout, 'data')
    assert.equal(String(printed).trim(), '1')
  })
})

describe('endRun', () => {
  it('ends what has detached itself, by its mark', async () => {
    const runId = randomUUID()
    // Twice forked, with a session of its own, and without a parent left in the run.
    await run(runId, '(setsid sleep 100 >/dev/null 2>&1 &) ; echo ready')
    await found(runId, { processes: 1, sessions: 1 })
    assert.deepEqual(await endRun({ runId, clock }), [])
    assert.deepEqual(await findRunProcesses(runId), [])
  })

  it('ends what has dropped its environment, by its descent', async () => {
    const runId = randomUUID()
    await run(runId, 'env -i /bin/sh -c "/bin/sleep 100 & wait" >/dev/null & echo ready; wait')
    await found(runId, { processes: 3, sessions: 1 })
    assert.deepEqual(await endRun({ runId, clock }), [])
    assert.deepEqual(await findRunProcesses(runId), [])
  })

  it('ends what ignores SIGTERM and goes on forking', async () => {
    const runId = randomUUID()
    await run(runId, `trap '' TERM; echo ready; while :; do sleep 0.05; (trap '' TERM; sleep 5) & done`)
    assert.deepEqual(await endRun({ runId, clock, graceMs: 300 }), [])
    assert.deepEqual(await findRunProcesses(runId), [])
  })

  it('leaves other runs alone', async () => {
    const [one, other] = [randomUUID(), randomUUID()]
    await run(one, 'echo ready; sleep 100')
    await run(other, 'echo ready; sleep 100')
    await endRun({ runId: one, clock })
    assert.notEqual((await findRunProcesses(other)).length, 0)
    await endRun({ runId: other, clock })
  })
})
