import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { describe, it } from 'node:test'
import { promisify } from 'node:util'
import * as fc from '../../../test/support/fast-check.ts'
import { inContainerLikeNamespace, inPidNamespace, whyNoPidNamespace } from '../../../test/support/pid-namespace.ts'
import { listProcesses, parseStat, readEnvironment, readProcess } from './process-table.ts'

async function printedBy([program = '', ...words]: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await promisify(execFile)(program, [...words])
  return stdout.trim().split('\n')
}

const statLine = (name: string, state = 'S') =>
  `4711 (${name}) ${state} 1 4700 4600 0 -1 4194560 100 0 0 0 1 2 0 0 20 0 1 0 123456 9000 200`

describe('parseStat', () => {
  it('reads ids and start time', () => {
    assert.deepEqual(parseStat(statLine('bash')), {
      pid: 4711,
      parentPid: 1,
      groupId: 4700,
      sessionId: 4600,
      hasTerminal: false,
      startTicks: 123456,
    })
  })

  it('is not misled by a name that looks like fields', () => {
    assert.equal(parseStat(statLine('a) R 9 9 (b'))?.parentPid, 1)
  })

  it('gives nothing for a zombie', () => assert.equal(parseStat(statLine('bash', 'Z')), undefined))

  it('never throws, whatever it is given', () => {
    fc.assert(fc.property(fc.string(), (line) => void parseStat(line)))
  })
})

const noNamespace = await whyNoPidNamespace()

describe('the process table of a namespace of its own', { skip: noNamespace }, () => {
  const script = `
    const { listProcesses } = await import(${JSON.stringify(import.meta.resolve('./process-table.ts'))})
    console.log(await listProcesses().then((all) => all.length, ({ code }) => code))`

  it('has in it what is there, where /proc shows it', async () => {
    const [count] = await printedBy([...inContainerLikeNamespace, process.execPath, '-e', script])
    assert.equal(count, '1')
  })

  it('is not taken for that of another namespace, whose numbers mean other processes', async () => {
    const [told] = await printedBy([...inPidNamespace, process.execPath, '-e', script])
    assert.equal(told, 'cannot-look')
  })
})

describe('the process table', () => {
  it('has this process in it, with its parent', async () => {
    const me = (await listProcesses()).find((entry) => entry.pid === process.pid)
    assert.equal(me?.parentPid, process.ppid)
    assert.deepEqual(await readProcess(process.pid), me)
  })

  it('has nothing for a number that nobody has', async () => {
    assert.equal(await readProcess(2 ** 22 + 1), undefined)
    assert.deepEqual(await readEnvironment(2 ** 22 + 1), [])
  })

  it('shows everybody to whoever has few descriptors, and nobody as dead to whoever has none', async () => {
    // Descriptors are held until one more cannot be had, so that a look around fails however many Node itself needs.
    const script = `
      const { listProcesses } = await import(${JSON.stringify(import.meta.resolve('./process-table.ts'))})
      const { closeSync, openSync } = await import('node:fs')
      const held = []
      try { for (;;) held.push(openSync('/dev/null')) } catch {}
      console.log(await listProcesses().catch(({ code }) => code))
      for (const file of held.splice(0, 20)) closeSync(file)
      console.log((await listProcesses()).some(({ pid }) => pid === process.ppid))`
    const lines = await printedBy(['sh', '-c', 'ulimit -n 64; "$@"', 'sh', process.execPath, '-e', script])
    assert.deepEqual(lines, ['cannot-look', 'true'])
  })
})
