import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { text } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { inPidNamespace, whyNoPidNamespace } from '../../../test/support/pid-namespace.ts'
import { systemClock as clock } from '../../kernel/clock.ts'
import { ChildError } from './child-error.ts'
import { listProcesses, readProcess } from './process-table.ts'
import { spawnChild, type Child, type ChildOptions } from './spawn-child.ts'

const start = (script: string, options: Partial<ChildOptions> = {}): Promise<Child> =>
  spawnChild({ command: ['sh', '-c', script], env: { PATH: '/usr/bin:/bin' }, directory: '/', clock, ...options })

/** Waits for a line that the child prints. */
async function printed(child: Child, line: string): Promise<void> {
  while (!child.output.includes(line)) await new Promise((resolve) => setTimeout(resolve, 5))
}

async function groupOf(child: Child): Promise<number> {
  return (await listProcesses()).filter((entry) => entry.groupId === child.pid).length
}

const noNamespace = await whyNoPidNamespace()

describe('spawnChild in a process namespace without a /proc of its own', { skip: noNamespace }, () => {
  it('ends the group of a child, whose processes cannot be seen', async () => {
    const script = `
      const { spawnChild } = await import(${JSON.stringify(import.meta.resolve('./spawn-child.ts'))})
      const { systemClock: clock } = await import(${JSON.stringify(import.meta.resolve('../../kernel/clock.ts'))})
      const options = { env: { PATH: '/usr/bin:/bin' }, directory: '/', clock, graceMs: 100 }
      const child = await spawnChild({ ...options, command: ['sleep', '100'] })
      await child.close()
      try { process.kill(-child.pid, 0); console.log('lives') } catch ({ code }) { console.log(code) }
      const quick = await spawnChild({ ...options, command: ['true'] })
      console.log((await quick.closed).kind)`
    const [program, ...words] = [...inPidNamespace, process.execPath, '-e', script] as const
    const other = spawn(program, words, { stdio: ['ignore', 'pipe', 'inherit'] })
    assert.deepEqual((await text(other.stdout)).trim().split('\n'), ['ESRCH', 'clean'])
  })
})

describe('spawnChild', () => {
  it('rejects with command-not-found, naming the command, when there is no such program', async () => {
    const isExpected = (error: unknown) =>
      error instanceof ChildError && error.code === 'command-not-found' && /no-such-program/.test(error.message)
    await assert.rejects(start('', { command: ['no-such-program'] }), isExpected)
  })

  it('rejects with could-not-start when the directory does not exist', async () => {
    await assert.rejects(start('', { directory: '/no/such/directory' }), { code: 'could-not-start' })
  })

  it('ends cleanly when the program exits with 0', async () => {
    await using child = await start('echo hello; echo world >&2')
    assert.deepEqual(await child.closed, { kind: 'clean', reason: 'it exited with code 0' })
    assert.deepEqual(child.output.toSorted(), ['hello', 'world'])
  })

  it('tells exit code and last line when the program fails', async () => {
    await using child = await start('echo all is lost >&2; exit 3')
    const end = await child.closed
    assert.equal(end.kind === 'error' && end.error.message, 'sh exited with code 3; its last line was "all is lost"')
  })

  it('tells the signal when the program is killed', async () => {
    await using child = await start('exec sleep 100')
    child.kill()
    const end = await child.closed
    assert.equal(end.kind === 'error' && end.error.message, 'sh was killed by SIGKILL')
  })

  it('gives its child the environment it was given and nothing else', async () => {
    await using child = await start('env', { env: { PATH: '/usr/bin:/bin', COLOUR: 'red' } })
    await child.closed
    const names = child.output.map((line) => line.split('=')[0] ?? '').filter((name) => name !== '_' && name !== 'PWD')
    assert.deepEqual(names.toSorted(), ['COLOUR', 'PATH'])
  })

  it('slows down a child that prints without end', async () => {
    await using child = await start('exec yes "0123456789012345678901234567890123456789"')
    await printed(child, '0123456789012345678901234567890123456789')
    const before = process.cpuUsage()
    await new Promise((resolve) => setTimeout(resolve, 1000))
    const { user, system } = process.cpuUsage(before)
    assert.ok(user + system < 400_000, `reading it took ${user + system} µs of a second`)
  })

  it('hands over what is written to descriptor 3', async () => {
    await using child = await start('echo 42 >&3', { reportPipe: true })
    assert.ok(child.report)
    assert.equal(await text(child.report), '42\n')
  })

  it('ends the whole group with SIGTERM when it is closed', async () => {
    const child = await start('sleep 100 & sleep 100 & echo ready; wait', { graceMs: 60_000 })
    await printed(child, 'ready')
    assert.equal(await groupOf(child), 3)
    const beforeMs = clock.nowMs()
    await child.close('enough')
    assert.deepEqual(await child.closed, { kind: 'clean', reason: 'enough' })
    assert.equal(await groupOf(child), 0)
    assert.ok(clock.nowMs() - beforeMs < 60_000, 'no need to wait for the grace time')
  })

  it('kills what does not listen to SIGTERM after the grace time', async () => {
    const child = await start(`trap '' TERM; echo ready; while :; do sleep 1; done`, { graceMs: 100 })
    await printed(child, 'ready')
    await child.close()
    assert.equal(await readProcess(child.pid), undefined)
  })

  it('ends the rest of the group when its first process ends by itself', async () => {
    await using child = await start('sleep 100 & echo ready; exit 0')
    await child.closed
    assert.equal(await groupOf(child), 0)
  })

  it('has its child killed by the kernel when the process that started it is killed', async () => {
    const script = `
      const { spawnChild } = await import(${JSON.stringify(new URL('./spawn-child.ts', import.meta.url).href)})
      const { systemClock: clock } = await import(${JSON.stringify(new URL('../../kernel/clock.ts', import.meta.url).href)})
      const child = await spawnChild({ command: ['sleep', '100'], env: {}, directory: '/', clock })
      console.log(child.pid)`
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
      cwd: fileURLToPath(new URL('.', import.meta.url)),
    })
    const [pid] = (await once(parent.stdout, 'data')) as [Buffer]
    assert.ok(await readProcess(Number(pid)))
    parent.kill('SIGKILL')
    await once(parent, 'close')
    while (await readProcess(Number(pid))) await new Promise((resolve) => setTimeout(resolve, 5))
  })
})
