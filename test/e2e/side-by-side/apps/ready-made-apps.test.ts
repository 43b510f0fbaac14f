import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import * as v from 'valibot'
import { processesOfLobby } from '../../../support/processes-of.ts'
import { app } from '../../../../src/wire/api/resources.ts'
import { eventually } from '../../../support/eventually.ts'
import { scene } from './scene.ts'

/** The programs of a run that play or show something, in their own words. */
const processes = { browser: /chrom|firefox/, game: /lbreakouthd/ } as const

scene.test(
  'browser and game run where they are installed, and end with their lobby; elsewhere they say why not',
  async (t) => {
    const { house } = scene
    const apps = v.parse(v.array(app), (await house.api('GET', 'apps')).json())
    for (const id of ['browser', 'game'] as const) {
      const found = apps.find((each) => each.id === id)
      assert.ok(found)
      if (!found.available) {
        t.diagnostic(`${id}: ${found.unavailableReason ?? ''}`)
        assert.match(found.unavailableReason ?? '', /install|user/)
        continue
      }
      const lobby = await house.openLobby(id)
      const names = () => namesOf(lobby.id)
      await eventually(names, (text) => processes[id].test(text), { what: `a running ${id}`, withinMs: 20_000 })
      assert.equal((await house.api('DELETE', `lobbies/${lobby.id}`)).status, 204)
      await eventually(names, (text) => text === '', { what: `the end of ${id}`, withinMs: 10_000 })
    }
  },
)

/** The names of the programs that a run consists of. */
async function namesOf(runId: string): Promise<string> {
  const entries = await processesOfLobby(runId)
  return (await Promise.all(entries.map(({ pid }) => readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')))).join('')
}
