import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { appsFile, maxAppsBytes, readApps, readAppsFile } from './read-apps-file.ts'
import { writeApps } from './write-apps.ts'

function dataDirectory(t: TestContext, text: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'porchlight-apps-'))
  t.after(() => rmSync(directory, { recursive: true }))
  writeFileSync(appsFile(directory), text)
  return directory
}

const reasons = (text: string) => readApps('apps.toml', text).faults.map(({ reason }) => reason)

test('readApps takes every key of both kinds, and says where each app begins', () => {
  const text = `
    [apps.top]
    title = " What it does "
    kind = "display"
    command = ["top"]
    environment = { LANG = "de_DE.UTF-8" }
    directory = "/srv"
    size = "1920x1080"
    fps = 30
    sound = false
    icon = "utilities-terminal"
    [apps.card]
    kind = "test-pattern"
    lines = ["Hello"]`
  assert.deepEqual(readApps('apps.toml', text), {
    apps: [
      {
        id: 'top',
        line: 2,
        definition: {
          kind: 'display',
          title: 'What it does',
          command: ['top'],
          environment: { LANG: 'de_DE.UTF-8' },
          directory: '/srv',
          size: '1920x1080',
          fps: 30,
          sound: false,
          icon: 'utilities-terminal',
        },
      },
      { id: 'card', line: 12, definition: { kind: 'test-pattern', lines: ['Hello'] } },
    ],
    faults: [],
  })
})

test('readApps gives back what writeApps wrote, whatever it is', () => {
  const word = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter((text) => !text.includes('\0'))
  const title = word.filter((text) => text.trim() === text && text.length <= 80)
  const shared = {
    title,
    size: fc
      .tuple(fc.integer({ min: 320, max: 3840 }), fc.integer({ min: 240, max: 2160 }))
      .map((size) => size.join('x')),
    fps: fc.integer({ min: 1, max: 240 }),
    sound: fc.oneof(fc.boolean(), fc.constantFrom('stereo', '5.1', '7.1')),
    icon: fc.constantFrom('firefox', '/usr/share/pixmaps/xterm.svg'),
  }
  const requiredKeys: [] = []
  const display = fc
    .tuple(
      fc.array(word, { minLength: 1, maxLength: 4 }),
      fc.record(
        { ...shared, environment: fc.dictionary(fc.stringMatching(/^[A-Z_]{1,9}X$/), word), directory: word },
        { requiredKeys },
      ),
    )
    .map(([command, rest]) => ({ ...rest, command: command as [string, ...string[]] }))
  const pattern = fc
    .record({ ...shared, lines: fc.array(fc.stringMatching(/^[ -~]{1,46}$/), { maxLength: 6 }) }, { requiredKeys })
    .map((rest) => ({ kind: 'test-pattern' as const, ...rest }))
  const id = fc.stringMatching(/^[a-z\d-]{1,12}$/)
  fc.assert(
    fc.property(fc.dictionary(id, fc.oneof(display, pattern), { maxKeys: 5 }), (definitions) => {
      const all = Object.entries(definitions).map(([name, definition]) => ({ id: name, definition }))
      const { apps, faults } = readApps('apps.toml', writeApps(all))
      assert.deepEqual(faults, [])
      const read = apps.map(({ id: name, definition }) => [name, definition] as const)
      assert.deepEqual(plain(Object.fromEntries(read)), plain(definitions))
    }),
  )
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
  assert.match(faultOf('window = "big"'), /window: wanted "maximized", "floating" or "none"/)
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
  const { apps, faults } = readApps('apps.toml', text)
  assert.deepEqual(
    apps.map(({ id }) => id),
    ['good'],
  )
  const words = 'wanted a list of words, such as ["xterm", "-e", "top"]'
  assert.deepEqual(
    faults.map(({ id, reason }) => [id, reason]),
    [
      ['words', `apps.toml:8: apps.words.command: ${words}, got "xterm -e top"`],
      ['none', 'apps.toml:14: apps.none.fps: wanted a whole number from 1 to 240, got [1]'],
      ['none', `apps.toml:10: apps.none.command: ${words}, got nothing`],
      [
        'typo',
        'apps.toml:18: apps.typo.comand: wanted only kind, title, icon, size, fps, sound, video, onExit, runsUntil, profile, limits, sandbox, container, command, environment, window, directory, got another key',
      ],
      [
        'Loud',
        'apps.toml:20: apps.Loud: wanted a name of a-z, 0-9 and -, at most 64 long, other than import and export, got "Loud"',
      ],
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

test('readApps refuses more than anybody writes before it takes long, and says where', () => {
  const [deep] = reasons(`[apps.a]\ncommand = ["x"]\n${'a.'.repeat(100_000)}b = 1`)
  assert.equal(deep, 'apps.toml:3: it has more than 16 tables or lists in each other')
  const many = Array.from({ length: 300 }, (_, index) => `[apps.m${index}]\ncommand = ["x"]`).join('\n')
  const { apps, faults } = readApps('apps.toml', many)
  assert.equal(apps.length, 256)
  assert.deepEqual(
    faults.map(({ reason }) => reason),
    ['apps.toml:513: apps.m256: wanted at most 256 apps, got more'],
  )
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
        const { apps, faults } = readApps('apps.toml', text)
        assert.ok(faults.every(({ reason }) => /^apps\.toml(:\d+)?: \S/.test(reason)) && apps.length <= 1)
      },
    ),
  )
})

test('readAppsFile takes a file that is not there as empty, and tells of one that cannot be read', async (t) => {
  const directory = dataDirectory(t, '')
  assert.deepEqual(await readAppsFile(join(directory, 'none.toml')), { apps: [], faults: [] })
  mkdirSync(join(directory, 'directory.toml'))
  const { faults } = await readAppsFile(join(directory, 'directory.toml'))
  assert.match(faults[0]?.reason ?? '', /^directory\.toml: it is no plain file$/)
  // Links are followed; a pipe without a writer is not waited for, and what has no end is not read.
  execFileSync('mkfifo', [join(directory, 'pipe.toml')])
  symlinkSync('/dev/zero', join(directory, 'device.toml'))
  symlinkSync(appsFile(directory), join(directory, 'link.toml'))
  for (const name of ['pipe.toml', 'device.toml']) {
    const { faults: own } = await readAppsFile(join(directory, name))
    assert.deepEqual(own, [{ id: name, pointer: '', reason: `${name}: it is no plain file` }])
  }
  assert.deepEqual(await readAppsFile(join(directory, 'link.toml')), { apps: [], faults: [] })
  writeFileSync(appsFile(directory), `# ${'x'.repeat(maxAppsBytes)}`)
  assert.match((await readAppsFile(appsFile(directory))).faults[0]?.reason ?? '', /^apps\.toml: it has more than/)
})

/** Without what a comparison should not see: the prototypes of generated objects. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}
