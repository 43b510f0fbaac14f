import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { listProcesses, parseStat, readEnvironment, readProcess } from './process-table.ts'

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
})
