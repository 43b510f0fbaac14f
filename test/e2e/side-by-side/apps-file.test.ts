import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, readlink, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { promisify } from 'node:util'
import * as v from 'valibot'
import { processesOfLobby } from '../../support/processes-of.ts'
import { app, lobby } from '../../../src/wire/api/resources.ts'
import { eventually } from '../../support/eventually.ts'
import { openPorchlight, type RunningPorchlight } from '../../support/running-porchlight.ts'

const root = join(import.meta.dirname, '../../..')

async function dataWith(t: TestContext, apps: string): Promise<string> {
  const data = await mkdtemp(join(tmpdir(), 'porchlight-data-'))
  t.after(() => rm(data, { recursive: true, force: true, maxRetries: 5 }))
  await writeFile(join(data, 'apps.toml'), apps)
  return data
}

async function appsOf(house: RunningPorchlight) {
  const apps = v.parse(v.array(app), (await house.api('GET', 'apps')).json())
  return new Map(apps.map((each) => [each.id, each]))
}

test('the example of docs/apps.md is understood, and its program runs as it says', async (t) => {
  const page = await readFile(join(root, 'docs/apps.md'), 'utf8')
  const example = /```toml\n([\s\S]*?)```/.exec(page)?.[1] ?? ''
  const data = await dataWith(t, example)
  await using house = await openPorchlight({ flags: ['--data', data, '--no-lobby'] })
  const apps = await appsOf(house)
  assert.partialDeepStrictEqual(apps.get('monitor'), { title: 'Monitor', available: true })
  assert.partialDeepStrictEqual(apps.get('break'), { title: 'Back at eight', available: true })

  const picture = await house.openLobby('break')
  assert.equal(picture.sound, false)
  const monitor = await house.openLobby('monitor')
  assert.partialDeepStrictEqual(monitor, { width: 1024, height: 768, fps: 30, sound: false })
  const top = await eventually(
    async () => (await commandsOf(monitor.id)).get('top'),
    (pid) => pid !== undefined,
    { what: 'a running top' },
  )
  assert.equal(await readlink(`/proc/${top}/cwd`), join(data, 'homes/monitor/default/monitor'))
  const environment = (await readFile(`/proc/${top}/environ`, 'utf8')).split('\0')
  assert.ok(environment.includes('LANG=C.UTF-8'))

  process.kill(top ?? 0, 'SIGTERM')
  await eventually(
    async () => v.parse(v.array(lobby), (await house.api('GET', 'lobbies')).json()).map(({ id }) => id),
    (ids) => !ids.includes(monitor.id),
    { what: 'the end of the lobby with its app' },
  )
})

test('a wrong apps.toml stops nothing: what is wrong is told by API, banner and doctor', async (t) => {
  const data = await dataWith(t, '[apps.break]\nkind = "test-pattern"\n\n[apps.monitor]\ncommand = "top"\n')
  const reason = 'apps.toml:5: apps.monitor.command: wanted a list of words, such as ["xterm", "-e", "top"], got "top"'
  await using house = await openPorchlight({ flags: ['--data', data, '--app', 'break'] })
  assert.equal((await house.firstLobby()).appId, 'break')
  assert.ok(house.output.includes(reason))
  const apps = await appsOf(house)
  assert.partialDeepStrictEqual(apps.get('monitor'), { available: false, unavailableReason: reason })
  assert.equal((await house.api('POST', 'lobbies', { body: { appId: 'monitor' } })).status, 409)

  await writeFile(join(data, 'apps.toml'), '[apps.monitor\n')
  const doctor = [join(root, 'src/cli/main.ts'), 'doctor', '--data', data, '--port', '0']
  const { stdout } = await promisify(execFile)(process.execPath, doctor)
  assert.match(stdout, /^less +apps\.toml +apps\.toml:1: \S/m)
})

/** Process ids of a run by the name of their program. */
async function commandsOf(runId: string): Promise<ReadonlyMap<string, number>> {
  const entries = await processesOfLobby(runId)
  const named = entries.map(async ({ pid }) => {
    const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')
    return [name.trim(), pid] as const
  })
  return new Map(await Promise.all(named))
}
