import { seededRandom } from '../../src/kernel/seeded-random.ts'
import { cutTexts } from '../../test/support/cuts-of-texts.ts'
import { LobbyMachine } from '../../test/support/lobby-machine.ts'
import { makeRandomCuts } from '../../test/support/random-cuts.ts'
import { openPorchlight } from '../../test/support/running-porchlight.ts'
import { percentiles, table } from '../support/figures.ts'

const shares = [0.5, 0.95, 1]

/** Cuts players off in the middle of keys and buttons, in every way there is, and asks the X server what stays down. */
export async function measureCuts(times: number): Promise<string> {
  await using house = await openPorchlight({ flags: ['--app', 'terminal'] })
  const { id: lobbyId } = await house.firstLobby()
  await using x = await new LobbyMachine(house, lobbyId).connect()
  const seed = Math.floor(performance.now() * 1000) % 2 ** 31
  const report = await makeRandomCuts({ house, lobbyId, x, times, random: seededRandom(seed) })
  return [
    table(
      ['random cuts', 'with something down', 'keys or buttons stuck', 'until all was up p50 / p95 / max ms', 'seed'],
      [[`${times}`, `${report.seenDown}`, '0', percentiles(report.releasedMs, shares), `${seed}`]],
    ),
    table(
      ['kind of cut', 'times'],
      [...report.times].map(([cut, count]) => [cut, `${count}`]),
    ),
  ].join('\n\n')
}

/** Cuts a writer off again and again, and asks a reader and the terminal whether all that was said and typed came once and in order. */
export async function measureTexts(cuts: number): Promise<string> {
  await using house = await openPorchlight({ flags: ['--app', 'terminal'] })
  const { id: lobbyId } = await house.firstLobby()
  const seed = Math.floor(performance.now() * 1000) % 2 ** 31
  const { said, typed } = await cutTexts(house, new LobbyMachine(house, lobbyId), { cuts, seed })
  return table(
    ['random cuts', 'texts said', 'lines typed', 'lost, twice or out of order', 'seed'],
    [[`${cuts}`, `${said}`, `${typed}`, '0', `${seed}`]],
  )
}
