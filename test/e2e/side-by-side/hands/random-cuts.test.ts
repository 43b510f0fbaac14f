import assert from 'node:assert/strict'
import { seededRandom } from '../../../../src/kernel/seeded-random.ts'
import { makeRandomCuts } from '../../../support/random-cuts.ts'
import { scene } from './scene.ts'

const { house } = scene
const terminal = scene.lobby('terminal', 'Terminal')

/** Each kind of cut twice; `npm run bench lifecycle -- --only cuts` makes a thousand. */
const times = 22

terminal.test('nothing stays down in the X server, however and whenever a player is cut off', async (t) => {
  await using x = await terminal.machine.connect()
  const seed = Math.floor(performance.now() * 1000) % 2 ** 31
  t.diagnostic(`seed ${seed}`)
  const report = await makeRandomCuts({ house, lobbyId: terminal.id, x, times, random: seededRandom(seed) })
  assert.equal(
    [...report.times.values()].reduce((sum, count) => sum + count, 0),
    times,
  )
  assert.ok(report.seenDown > times / 5, `${report.seenDown} cuts found something down`)
  t.diagnostic(`released after at most ${Math.round(Math.max(...report.releasedMs))} ms`)
})
