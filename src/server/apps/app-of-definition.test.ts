import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { AppMachine } from '../../host/apps/defined-app.ts'
import { plainRun } from '../../host/run/contract/run-rules.ts'
import { appOfDefinition } from './app-of-definition.ts'
import { readApps } from './read-apps-file.ts'

const machine: AppMachine = {
  find: async (name) => `/usr/bin/${name}`,
  abilities: {
    whyNoSandbox: async () => undefined,
    whyNoContainer: async () => undefined,
    whyNoLimits: async () => undefined,
  },
}

async function appsOf(text: string, on: AppMachine = machine) {
  const { apps, faults } = readApps('apps.toml', text)
  assert.deepEqual(faults, [])
  return Promise.all(apps.map(({ id, definition }) => appOfDefinition(id, definition, on)))
}

test('appOfDefinition gives what is left out its usual value', async (t) => {
  const [app] = await appsOf('[apps.top]\ncommand = ["xterm", "-e", "top"]')
  assert.ok(app?.source.kind === 'display')
  const { source } = app
  const found: object = app
  assert.partialDeepStrictEqual(found, {
    id: 'top',
    title: 'top',
    size: { width: 1280, height: 720 },
    fps: 60,
    unavailable: undefined,
    source: { kind: 'display', sound: 'stereo', profile: 'default', rules: plainRun },
  })
  const directory = await mkdtemp(join(tmpdir(), 'porchlight-app-'))
  t.after(() => rm(directory, { recursive: true }))
  const { beside, ...launch } = await source.prepare({ directory, home: directory })
  assert.deepEqual(launch, { command: ['xterm', '-e', 'top'], env: {}, afterResize: undefined })
  assert.equal(beside?.command[0], 'openbox')
})

test('appOfDefinition gives an app the sound that is asked for', async () => {
  const sounds = ['false', 'true', '"stereo"', '"5.1"', '"7.1"']
  const apps = await appsOf(
    sounds.map((sound, at) => `[apps.a${at}]\ncommand = ["xterm"]\nsound = ${sound}`).join('\n'),
  )
  assert.deepEqual(
    apps.map(({ source }) => source.kind === 'display' && source.sound),
    [undefined, 'stereo', 'stereo', '5.1', '7.1'],
  )
  const [tone] = await appsOf('[apps.a]\nkind = "test-pattern"\nsound = "7.1"')
  assert.deepEqual(tone?.source, { kind: 'test-pattern', lines: [], tone: '7.1' })
  for (const wrong of ['"5.2"', '5.1', '"surround"', '6', '["5.1"]']) {
    const { faults } = readApps('apps.toml', `[apps.a]\ncommand = ["xterm"]\nsound = ${wrong}`)
    assert.equal(faults.length, 1, wrong)
    assert.match(Object.values(faults[0] ?? {}).join(), /sound.*wanted true, false, "stereo", "5\.1" or "7\.1"/)
  }
})

test('appOfDefinition takes how an app is run', async () => {
  const apps = await appsOf(`
    [apps.kiosk]
    command = ["game"]
    onExit = "restart"
    profile = "arcade"
    limits = { cpus = 1.5, memory = "1.5 GiB", processes = 50, required = true }
    sandbox = { network = true, readable = ["/srv/games"], devices = ["/dev/dri"] }
    [apps.shut]
    command = ["game"]
    sandbox = true
    [apps.boxed.container]
    image = "docker.io/library/debian:12"
    user = "1000:1000"`)
  const nothing = { network: false, readable: [], writable: [], devices: [] }
  const image = 'docker.io/library/debian:12'
  assert.partialDeepStrictEqual(
    apps.map(({ source }): object => source),
    [
      {
        profile: 'arcade',
        rules: {
          onExit: 'restart',
          runsUntil: 'command',
          limits: { cpus: 1.5, memoryBytes: 1536 * 1024 ** 2, processes: 50 },
          requiresLimits: true,
          sandbox: { network: true, readable: ['/srv/games'], writable: [], devices: ['/dev/dri'] },
          container: undefined,
        },
      },
      { rules: { sandbox: nothing, container: undefined } },
      {
        rules: {
          sandbox: undefined,
          container: { image, pull: 'missing', user: '1000:1000', writableImage: false, ...nothing },
        },
      },
    ] as readonly object[],
  )
})

test('appOfDefinition lets an app run without limits that cannot be held, unless it requires them', async () => {
  const why = 'No limits can be held here'
  const on = { ...machine, abilities: { ...machine.abilities, whyNoLimits: async () => why } }
  const limits = 'memory = "1 GiB"'
  const text = `[apps.any]\ncommand = ["a"]\nlimits = { ${limits} }\n[apps.strict]\ncommand = ["a"]\nlimits = { ${limits}, required = true }`
  const [any, strict] = await appsOf(text, on)
  assert.deepEqual([any?.unavailable, any?.without], [undefined, [why]])
  assert.equal(strict?.unavailable, why)
  assert.equal((await appsOf(text))[1]?.unavailable, undefined)
})
