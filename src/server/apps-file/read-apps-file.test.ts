import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import fc from 'fast-check'
import { plainRun } from '../../host/run/run-rules.ts'
import { listAllApps } from './list-all-apps.ts'
import { appsFile, readApps, readAppsFile } from './read-apps-file.ts'

function dataDirectory(t: TestContext, text: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'porchlight-apps-'))
  t.after(() => rmSync(directory, { recursive: true }))
  writeFileSync(appsFile(directory), text)
  return directory
}

const reasons = (text: string) => readApps('apps.toml', text).faults.map(({ reason }) => reason)

test('readApps gives what is left out its usual value', () => {
  const { definitions, faults } = readApps('apps.toml', '[apps.top]\ncommand = ["xterm", "-e", "top"]')
  assert.deepEqual(faults, [])
  assert.deepEqual(definitions, [
    {
      id: 'top',
      title: 'top',
      size: { width: 1280, height: 720 },
      fps: 60,
      sound: true,
      source: {
        kind: 'display',
        command: ['xterm', '-e', 'top'],
        environment: {},
        directory: undefined,
        profile: 'default',
        ...plainRun,
      },
    },
  ])
})

test('readApps takes every key of both kinds', () => {
  const text = `
    [apps.top]
    title = "What it does"
    kind = "display"
    command = ["top"]
    environment = { LANG = "de_DE.UTF-8" }
    directory = "/srv"
    size = "1920x1080"
    fps = 30
    sound = false
    [apps.card]
    kind = "test-pattern"
    lines = ["Hello"]`
  const { definitions, faults } = readApps('apps.toml', text)
  assert.deepEqual(faults, [])
  assert.partialDeepStrictEqual(definitions, [
    {
      title: 'What it does',
      size: { width: 1920, height: 1080 },
      fps: 30,
      sound: false,
      source: { environment: { LANG: 'de_DE.UTF-8' }, directory: '/srv' },
    },
    { id: 'card', source: { kind: 'test-pattern', lines: ['Hello'] } },
  ])
})

test('readApps takes how an app is run', () => {
  const text = `
    [apps.kiosk]
    command = ["game"]
    onExit = "restart"
    profile = "arcade"
    limits = { cpus = 1.5, memory = "1.5 GiB", processes = 50 }
    sandbox = { network = true, readable = ["/srv/games"], devices = ["/dev/dri"] }
    [apps.shut]
    command = ["game"]
    sandbox = true
    [apps.boxed.container]
    image = "docker.io/library/debian:12"
    user = "1000:1000"`
  const { definitions, faults } = readApps('apps.toml', text)
  assert.deepEqual(faults, [])
  const nothing = { network: false, readable: [], writable: [], devices: [] }
  assert.partialDeepStrictEqual(definitions, [
    {
      source: {
        onExit: 'restart',
        profile: 'arcade',
        limits: { cpus: 1.5, memoryBytes: 1536 * 1024 ** 2, processes: 50 },
        sandbox: { network: true, readable: ['/srv/games'], writable: [], devices: ['/dev/dri'] },
        container: undefined,
      },
    },
    { source: { sandbox: nothing } },
    {
      source: {
        command: undefined,
        sandbox: undefined,
        container: {
          image: 'docker.io/library/debian:12',
          pull: 'missing',
          user: '1000:1000',
          writableImage: false,
          ...nothing,
        },
      },
    },
  ])
})

test('readApps refuses what would open an enclosure, and says at which key', () => {
  const faultOf = (line: string) => reasons(`[apps.a]\ncommand = ["x"]\n${line}`)[0] ?? 'none'
  assert.match(faultOf('sandbox = { devices = ["/dev/mem"] }'), /^apps\.toml:3: apps\.a\.sandbox\.devices: wanted true/)
  assert.match(faultOf('sandbox = { readable = ["/"] }'), /sandbox\.readable/)
  assert.match(faultOf('sandbox = { writable = ["/srv/../root"] }'), /sandbox\.writable/)
  assert.match(faultOf('sandbox = { network = 1 }'), /sandbox\.network/)
  assert.match(faultOf('sandbox = { privileged = true }'), /sandbox\.privileged/)
  assert.match(faultOf('limits = { memory = "2 GB" }'), /apps\.a\.limits\.memory: wanted .*got "2 GB"/)
  assert.match(faultOf('limits = { cpus = 0 }'), /limits\.cpus/)
  assert.match(faultOf('container = { image = "--privileged" }'), /container\.image/)
  assert.match(faultOf('container = { image = "a", user = "root" }'), /container\.user/)
  assert.match(faultOf('sandbox = true\ncontainer = { image = "a" }'), /apps\.a\.sandbox: wanted no sandbox beside/)
  assert.match(faultOf('profile = "../other"'), /profile/)
})

test('readApps names file, line and key of what is wrong, and keeps what is good', () => {
  const text = `# apps of mine
[apps.good]
command = ["true"]

[apps.words]
title = "Words"

command = "xterm -e top"

[apps.none]
title = """
Over
lines"""
fps = [
  1,
]
[apps.typo]
comand = ["x"]
command = ["x"]
[apps.Loud]
[apps]
flat = 3
`
  const { definitions, faults } = readApps('apps.toml', text)
  assert.deepEqual(
    definitions.map(({ id }) => id),
    ['good'],
  )
  const words = 'wanted a list of words, such as ["xterm", "-e", "top"]'
  assert.deepEqual(
    faults.map(({ id, reason }) => [id, reason]),
    [
      ['words', `apps.toml:8: apps.words.command: ${words}, got "xterm -e top"`],
      [
        'none',
        `apps.toml:14: apps.none.fps: wanted a whole number from 1 to 240, got [1]; apps.toml:10: apps.none.command: ${words}, got nothing`,
      ],
      [
        'typo',
        'apps.toml:18: apps.typo.comand: wanted only kind, title, size, fps, sound, onExit, profile, limits, sandbox, container, command, environment, directory, got another key',
      ],
      ['Loud', 'apps.toml:20: apps.Loud: wanted a name of a-z, 0-9 and -, at most 64 long, got "Loud"'],
      ['flat', 'apps.toml:22: apps.flat: wanted a table, got 3'],
    ],
  )
})

test('readApps tells where a text is no TOML, and of keys that are not apps', () => {
  assert.match(reasons('[apps.a]\ncommand = ["x"\n')[0] ?? '', /^apps\.toml:\d: \S/)
  assert.deepEqual(reasons('[app.a]\ncommand = ["x"]'), ['apps.toml:1: app: wanted only apps, got another key'])
  assert.deepEqual(reasons('apps = 3'), ['apps.toml:1: apps: wanted tables such as [apps.mine]'])
})

test('readApps refuses variables that a lobby sets, and repeats no value of one', () => {
  const [display, value] = reasons(`
[apps.a]
command = ["x"]
[apps.a.environment]
TOKEN = "hunter2"
DISPLAY = ":0"
[apps.b]
command = ["x"]
environment = { TOKEN = ["hunter2"] }`)
  assert.match(display ?? '', /^apps\.toml:6: apps\.a\.environment\.DISPLAY: wanted a table of text/)
  assert.match(value ?? '', /^apps\.toml:9: apps\.b\.environment\.TOKEN: wanted .*, got something else$/)
  assert.ok(!`${display}${value}`.includes('hunter2'))
})

test('readApps never throws, whatever the text', () => {
  const line = fc.constantFrom(
    '[apps.a]',
    '[apps]',
    'command = ["x"]',
    'fps = 1e9',
    'b = {',
    '"""',
    'kind = 1',
    '__proto__ = 1',
  )
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(line).map((lines) => lines.join('\n')),
      ),
      (text) => {
        const { definitions, faults } = readApps('apps.toml', text)
        assert.ok(faults.every(({ reason }) => /^apps\.toml(:\d+)?: \S/.test(reason)) && definitions.length <= 1)
      },
    ),
  )
})

test('readAppsFile takes a file that is not there as empty, and tells of one that cannot be read', async (t) => {
  const directory = dataDirectory(t, '')
  assert.deepEqual(await readAppsFile(join(directory, 'none.toml')), { definitions: [], faults: [] })
  mkdirSync(join(directory, 'directory.toml'))
  const { faults } = await readAppsFile(join(directory, 'directory.toml'))
  assert.match(faults[0]?.reason ?? '', /^directory\.toml: EISDIR/)
  writeFileSync(appsFile(directory), `# ${'x'.repeat(300_000)}`)
  assert.match((await readAppsFile(appsFile(directory))).faults[0]?.reason ?? '', /^apps\.toml: it has more than/)
})

test('listAllApps puts described apps behind the ready-made, in the place of those with the same id', async (t) => {
  const directory = dataDirectory(
    t,
    `
[apps.top]
command = ["top"]
[apps.gone]
command = ["gone"]
[apps.away]
command = ["top"]
directory = "/nonexistent"
[apps.elsewhere]
command = ["top"]
environment = { PATH = "/opt/top" }
[apps.terminal]
kind = "test-pattern"
[apps.wrong]
`,
  )
  const find = async (name: string, path = '/usr/bin') => {
    return ['top', 'Xvnc'].includes(name) && path === '/usr/bin' ? `${path}/${name}` : undefined
  }
  const abilities = {
    whyNoSandbox: async () => undefined,
    whyNoContainer: async () => undefined,
    whyNoLimits: async () => undefined,
  }
  const apps = await listAllApps({ dataDirectory: directory, find, abilities, asRoot: false })
  const unavailable = Object.fromEntries(apps.map((app) => [app.id, app.unavailable]))
  const readyMade = ['desktop', 'terminal', 'test-pattern']
  assert.deepEqual(Object.keys(unavailable), [...readyMade, 'top', 'gone', 'away', 'elsewhere', 'wrong'])
  assert.equal(unavailable['top'], undefined)
  assert.equal(unavailable['terminal'], undefined)
  assert.match(unavailable['gone'] ?? '', /no program "gone"/)
  assert.match(unavailable['away'] ?? '', /no directory \/nonexistent/)
  assert.match(unavailable['elsewhere'] ?? '', /no program "top"/)
  assert.match(unavailable['wrong'] ?? '', /^apps\.toml:\d+: apps\.wrong\.command: wanted a list of words/)
})
