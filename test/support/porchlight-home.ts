import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import * as v from 'valibot'
import { lobby, type LobbyView } from '../../src/wire/api/resources.ts'
import { openPorchlight, type PorchlightOptions, type RunningPorchlight } from './running-porchlight.ts'

/** Starts servers one after the other on the same data. */
export async function openHome(t: TestContext) {
  const data = await mkdtemp(join(tmpdir(), 'porchlight-data-'))
  const houses: RunningPorchlight[] = []
  t.after(async () => {
    for (const house of houses) await house[Symbol.asyncDispose]()
    await rm(data, { recursive: true, force: true, maxRetries: 5 })
  })
  let token = ''
  return {
    /** Where the data are. */
    data,
    start: async (options: PorchlightOptions = {}): Promise<RunningPorchlight> => {
      const flags = ['--data', data, '--app', 'test-pattern', ...(options.flags ?? [])]
      const house = await openPorchlight({ ...options, flags })
      houses.push(house)
      token ||= house.ownerToken
      return house
    },
    ask: (house: RunningPorchlight, method: string, path: string, body?: unknown) =>
      house.api(method, path, { token, body }),
    lobbies: async (house: RunningPorchlight): Promise<readonly LobbyView[]> =>
      v.parse(v.array(lobby), (await house.api('GET', 'lobbies', { token })).json()),
  }
}
