import assert from 'node:assert/strict'
import { test } from 'node:test'
import { silentLog } from '../../kernel/log.ts'
import { Writable } from '../../kernel/readable.ts'
import { MemoryApp } from '../memory/memory-app.ts'
import { followResizes } from './follow-resizes.ts'

const turn = () => new Promise((resolve) => setImmediate(resolve))

function openFollower(run?: () => Promise<MemoryApp>) {
  const size = new Writable({ width: 800, height: 600 })
  const runs: MemoryApp[] = []
  const startOne = async () => {
    const app = new MemoryApp({ command: ['x'], env: {}, directory: '/', runId: 'r' })
    runs.push(app)
    return app
  }
  const follower = followResizes(size, run ?? startOne, silentLog)
  const resize = (width: number) => size.set({ width, height: 600 })
  return { follower, runs, resize }
}

test('followResizes runs after a change, one at a time, and once more for all changes meanwhile', async () => {
  const { follower, runs, resize } = openFollower()
  assert.equal(runs.length, 0)
  resize(900)
  resize(1000)
  resize(1100)
  await turn()
  assert.equal(runs.length, 1)
  resize(1200)
  await runs[0]?.exit()
  await turn()
  assert.equal(runs.length, 2)
  await runs[1]?.exit()
  await turn()
  resize(1300)
  await turn()
  assert.equal(runs.length, 3)
  await follower[Symbol.asyncDispose]()
  assert.deepEqual(await runs[2]?.closed, { kind: 'clean', reason: 'its display is going' })
  resize(1400)
  await turn()
  assert.equal(runs.length, 3)
})

test('followResizes survives a run that cannot start', async () => {
  let tries = 0
  const { follower, resize } = openFollower(async () => {
    tries++
    throw new Error('no such program')
  })
  resize(900)
  await turn()
  resize(1000)
  await turn()
  assert.equal(tries, 2)
  await follower[Symbol.asyncDispose]()
})
