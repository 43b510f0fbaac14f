import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { seededRandom } from '../../../src/kernel/seeded-random.ts'
import { LobbyMachine } from '../../support/lobby-machine.ts'
import { makeRandomCuts } from '../../support/random-cuts.ts'
import { openPorchlight } from '../../support/running-porchlight.ts'

const house = await openPorchlight({ flags: ['--app', 'terminal'] })
after(() => house[Symbol.asyncDispose]())

/** Each kind of cut four times. */
const times = 44

test(
  'nothing stays down in the X server, however and whenever a player is cut off',
  { timeout: 180_000 },
  async (t) => {
    const { id: lobbyId } = await house.firstLobby()
    await using x = await new LobbyMachine(house, lobbyId).connect()
    const seed = Math.floor(performance.now() * 1000) % 2 ** 31
    t.diagnostic(`seed ${seed}`)
    const report = await makeRandomCuts({ house, lobbyId, x, times, random: seededRandom(seed) })
    assert.equal(
      [...report.times.values()].reduce((sum, count) => sum + count, 0),
      times,
    )
    assert.ok(report.seenDown > times / 5, `${report.seenDown} cuts found something down`)
    t.diagnostic(`released after at most ${Math.round(Math.max(...report.releasedMs))} ms`)
  },
)
