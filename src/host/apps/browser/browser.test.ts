import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryDirectory } from '../../../../test/support/temporary-directory.ts'
import { browserApp } from './browser.ts'

const basics = ['Xvnc', 'openbox', 'xsetroot']

function browserOf(installed: readonly string[], options: { asRoot?: boolean; noSandbox?: string } = {}) {
  return browserApp({
    find: async (name) => ([...basics, ...installed].includes(name) ? `/usr/bin/${name}` : undefined),
    abilities: { whyNoSandbox: async () => options.noSandbox },
    asRoot: options.asRoot ?? false,
  })
}

async function commandOf(app: Awaited<ReturnType<typeof browserOf>>, directory: string) {
  assert.equal(app.unavailable, undefined)
  assert.ok(app.source.kind === 'display')
  await app.source.prepare({ directory, home: directory })
  const script = await readFile(join(directory, 'start.sh'), 'utf8')
  return { script, rules: app.source.rules }
}

test('browserApp runs Chromium in its own sandbox for a user', async (t) => {
  const app = await browserOf(['chromium', 'firefox-esr'])
  const { script, rules } = await commandOf(app, temporaryDirectory(t))
  assert.match(script, /^'chromium' .*'--no-first-run'/m)
  assert.doesNotMatch(script, /no-sandbox/)
  assert.equal(rules?.sandbox, undefined)
  assert.equal(app.icon, 'chromium')
})

test('browserApp runs Firefox for root, with what it asks at first answered', async (t) => {
  const directory = temporaryDirectory(t)
  const { script } = await commandOf(await browserOf(['chromium', 'firefox-esr'], { asRoot: true }), directory)
  assert.match(script, /^'firefox-esr' '--no-remote' '--profile' '.*\.porchlight-firefox-esr'/m)
  assert.match(await readFile(join(directory, '.porchlight-firefox-esr/user.js'), 'utf8'), /aboutwelcome/)
})

test('browserApp turns off the sandbox of Chromium only where it is shut in another one', async (t) => {
  const { script, rules } = await commandOf(await browserOf(['chromium'], { asRoot: true }), temporaryDirectory(t))
  assert.match(script, /'--no-sandbox'/)
  assert.deepEqual(rules?.sandbox, { network: true, readable: [], writable: [], devices: [] })
  const bare = await browserOf(['chromium'], { asRoot: true, noSandbox: 'Install bubblewrap' })
  assert.match(bare.unavailable ?? '', /Start Porchlight as another user, or: Install bubblewrap/)
})

test('browserApp writes what Firefox is to be like whatever an app has put in its place', async (t) => {
  const directory = temporaryDirectory(t)
  const profile = join(directory, '.porchlight-firefox-esr')
  await mkdir(profile)
  const app = await browserOf(['firefox-esr'])
  await writeFile(join(directory, 'victim'), 'untouched')
  await symlink(join(directory, 'victim'), join(profile, 'user.js'))
  await commandOf(app, directory)
  assert.equal(await readFile(join(directory, 'victim'), 'utf8'), 'untouched')
  await rm(join(profile, 'user.js'))
  execFileSync('mkfifo', [join(profile, 'user.js')])
  await commandOf(app, directory)
  assert.match(await readFile(join(profile, 'user.js'), 'utf8'), /aboutwelcome/)
})

test('browserApp tells Firefox each answer in a statement of its own, which is the only form that it reads', async (t) => {
  const directory = temporaryDirectory(t)
  await commandOf(await browserOf(['firefox-esr']), directory)
  const lines = (await readFile(join(directory, '.porchlight-firefox-esr/user.js'), 'utf8')).trim().split('\n')
  for (const line of lines) assert.match(line, /^(?:\/\/ .*|user_pref\('[\w.-]+', (?:'\w*'|true|false|-?\d+)\);)$/)
})

test('browserApp says how to get a browser where there is none, and is no part that is missed', async () => {
  const app = await browserOf([])
  assert.match(app.unavailable ?? '', /^Not installed here: chromium or firefox-esr\. To install: .*chromium$/)
  assert.equal(app.isExtra, true)
})
