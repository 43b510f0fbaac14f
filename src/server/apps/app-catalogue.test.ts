import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { openMemoryCatalogue } from '../../../test/support/memory-catalogue.ts'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { until } from '../../kernel/readable.ts'
import { openStore } from '../../store/open-store.ts'
import type { AppDefinition } from '../../wire/api/app-definition.ts'
import { AppsError } from './apps-error.ts'

const top: AppDefinition = { title: 'Top', command: ['top'], environment: { LANG: 'C' } }

async function openCatalogue(t: TestContext, options: { file?: string; programs?: string[] } = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'porchlight-apps-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const file = join(directory, 'apps.toml')
  const writeFile = (text: string) => writeFileSync(file, text)
  if (options.file !== undefined) writeFile(options.file)
  const programs = options.programs ?? ['top']
  const clock = new ManualClock()
  const store = openStore(':memory:', clock)
  t.after(() => store.close())
  const open = () => openMemoryCatalogue({ file, records: store.apps, programs, clock })
  const catalogue = await open()
  t.after(() => catalogue[Symbol.dispose]())
  const unavailable = () => Object.fromEntries(catalogue.apps.value.map((app) => [app.id, app.unavailable]))
  return { catalogue, clock, store, programs, writeFile, unavailable, open }
}

const withCode = (code: AppsError['code'], message = /./) => {
  return (error: unknown) => error instanceof AppsError && error.code === code && message.test(error.message)
}

test('AppCatalogue puts described apps behind the ready-made, and says what each lacks', async (t) => {
  const file = `
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
[apps.wrong]
`
  const { unavailable, programs, catalogue, clock } = await openCatalogue(t, { file })
  const found = unavailable()
  assert.deepEqual(Object.keys(found), ['memory', 'test-pattern', 'top', 'gone', 'away', 'elsewhere', 'wrong'])
  assert.equal(found['top'], undefined)
  assert.match(found['gone'] ?? '', /no program "gone"/)
  assert.match(found['away'] ?? '', /no directory \/nonexistent/)
  assert.match(found['elsewhere'] ?? '', /no program "top"/)
  assert.match(found['wrong'] ?? '', /^apps\.toml:12: apps\.wrong\.command: wanted/)

  programs.push('gone')
  await catalogue.refresh()
  assert.match(unavailable()['gone'] ?? '', /no program/, 'what was found just now is not looked for again')
  clock.advance(5000)
  await catalogue.refresh()
  assert.equal(unavailable()['gone'], undefined)
})

test('an app of the file counts before one of the settings, and that before a ready-made one', async (t) => {
  const { catalogue, clock, writeFile } = await openCatalogue(t)
  const entry = () => catalogue.entries.get('test-pattern')
  assert.equal(entry()?.origin.kind, 'ready-made')
  assert.deepEqual(await catalogue.put('test-pattern', top), { entry: entry(), isNew: false })
  assert.deepEqual([entry()?.origin, entry()?.app.title], [{ kind: 'settings' }, 'Top'])

  writeFile('# mine\n[apps.test-pattern]\nkind = "test-pattern"\ntitle = "Filed"\n')
  clock.advance(2000)
  await until(catalogue.apps, ([, app]) => app?.title === 'Filed')
  assert.deepEqual(entry()?.origin, { kind: 'file', place: 'apps.toml:2' })
  const readOnly = withCode('app-read-only', /it comes from apps\.toml:2: change it there$/)
  await assert.rejects(catalogue.put('test-pattern', top), readOnly)
  await assert.rejects(
    catalogue.change('test-pattern', () => top),
    readOnly,
  )
  await assert.rejects(catalogue.delete('test-pattern'), readOnly)

  writeFile('')
  clock.advance(2000)
  await until(catalogue.apps, ([, app]) => app?.title === 'Top')
  await catalogue.delete('test-pattern')
  assert.equal(entry()?.origin.kind, 'ready-made')
  await assert.rejects(catalogue.delete('test-pattern'), withCode('app-read-only', /it comes with Porchlight$/))
})

test('an app that is made, changed and deleted is so after a restart too', async (t) => {
  const { catalogue, clock, open } = await openCatalogue(t)
  const { app } = await catalogue.create(undefined, top)
  assert.equal(app.id, 'top')
  clock.advance(1)
  assert.equal((await catalogue.create(undefined, top)).app.id, 'top-2')
  assert.equal((await catalogue.create(undefined, { command: ['/opt/Äpp 2'] })).app.id, 'opt-app-2')
  await assert.rejects(catalogue.create('top', top), withCode('app-exists', /it was made here$/))
  await catalogue.change('top', (before) => ({ ...before, title: 'Other' }))
  await catalogue.delete('top-2')
  await assert.rejects(catalogue.delete('top-2'), withCode('app-not-found'))
  await assert.rejects(
    catalogue.change('none', (before) => before),
    withCode('app-not-found'),
  )
  using again = await open()
  assert.deepEqual(again.entries.get('top')?.definition, { ...top, title: 'Other' })
  assert.deepEqual([...again.entries.keys()], ['memory', 'test-pattern', 'top', 'opt-app-2'])
})

test('an app stays the same object until something of it changes', async (t) => {
  const { catalogue, clock } = await openCatalogue(t)
  await catalogue.create('a', top)
  const [, , before] = catalogue.apps.value
  await catalogue.create('b', top)
  clock.advance(5000)
  await catalogue.refresh()
  assert.equal(catalogue.apps.value[2], before)
  await catalogue.put('a', { ...top, fps: 30 })
  assert.notEqual(catalogue.apps.value[2], before)
})

test('changes that come at the same time all happen, one after the other', async (t) => {
  const { catalogue } = await openCatalogue(t)
  const made = await Promise.all(Array.from({ length: 20 }, () => catalogue.create(undefined, top)))
  assert.equal(new Set(made.map(({ app }) => app.id)).size, 20)
})

test('import takes all or nothing, says where it is wrong, and repeats without a change', async (t) => {
  const { catalogue, store } = await openCatalogue(t, { file: '[apps.filed]\ncommand = ["top"]\n' })
  const faulty = '[apps.a]\ncommand = ["top"]\n[apps.filed]\ncommand = ["x"]\n[apps."b/c"]\n[apps.d]\nfps = 0\n'
  await assert.rejects(catalogue.import(faulty), (error) => {
    assert.ok(withCode('invalid-app')(error) && error instanceof AppsError)
    assert.deepEqual(
      error.faults.map(({ pointer, detail }) => [pointer, detail.slice(0, 40)]),
      [
        ['/apps/b~1c', 'import:5: apps.b/c: wanted a name of a-z'],
        ['/apps/d/fps', 'import:7: apps.d.fps: wanted a whole num'],
        ['/apps/d/command', 'import:6: apps.d.command: wanted a list '],
        ['/apps/filed', 'import:3: apps.filed: it comes from apps'],
      ],
    )
    return true
  })
  assert.deepEqual(store.apps.list(), [])
  const text = '[apps.a]\ncommand = ["top"]\n[apps.filed]\ncommand = ["top"]\n'
  assert.deepEqual(await catalogue.import(text), { created: ['a'], changed: [], unchanged: ['filed'] })
  assert.deepEqual(await catalogue.import(text.replace('top', 'x')), {
    created: [],
    changed: ['a'],
    unchanged: ['filed'],
  })
  assert.deepEqual(await catalogue.import(catalogue.export()), { created: [], changed: [], unchanged: ['a', 'filed'] })
  await assert.rejects(catalogue.import('[apps'), withCode('invalid-app', /import:1/))
  assert.deepEqual(await catalogue.import(''), { created: [], changed: [], unchanged: [] })
})

test('what is exported makes the same apps on another host', async (t) => {
  const one = await openCatalogue(t, { file: '[apps.filed]\ncommand = ["top"]\nfps = 30\n' })
  await one.catalogue.create('mine', { ...top, directory: 'x', size: '640x480', sound: false })
  const other = await openCatalogue(t)
  await other.catalogue.import(one.catalogue.export())
  for (const id of ['filed', 'mine']) {
    assert.deepEqual(other.catalogue.entries.get(id)?.definition, one.catalogue.entries.get(id)?.definition)
  }
  assert.equal(other.catalogue.export().length, one.catalogue.export().length)
})

test('there are so many apps and no more', async (t) => {
  const { catalogue } = await openCatalogue(t)
  const many = Array.from({ length: 256 }, (_, index) => `[apps.a${index}]\ncommand = ["top"]\n`)
  await catalogue.import(many.join(''))
  await assert.rejects(catalogue.create(undefined, top), withCode('too-many-apps'))
  await catalogue.put('a7', { ...top, title: 'Still' })
  await catalogue.delete('a8')
  const environment = Object.fromEntries(Array.from({ length: 128 }, (_, index) => [`V${index}`, 'x'.repeat(4096)]))
  await catalogue.put('a9', { ...top, environment })
  await assert.rejects(catalogue.put('a10', { ...top, environment }), withCode('too-many-apps', /1024 kB/))
})

test('an app that a later version wrote is there, with what is not understood', async (t) => {
  const { store, open } = await openCatalogue(t)
  store.apps.put([{ id: 'later', definition: '{"kind":"dream","command":["top"]}' }])
  using catalogue = await open()
  const entry = catalogue.entries.get('later')
  assert.match(entry?.app.unavailable ?? '', /\/kind: wanted "display" or "test-pattern", got "dream"$/)
  await assert.rejects(
    catalogue.change('later', () => top),
    withCode('app-read-only', /put all of it anew/),
  )
  await catalogue.put('later', top)
  assert.equal(catalogue.entries.get('later')?.app.unavailable, undefined)
})
