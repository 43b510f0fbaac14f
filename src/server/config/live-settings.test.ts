import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts'
import { silentLog } from '../../kernel/log.ts'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { openSettingRecords, readSettingRecords } from '../../store/setting-records.ts'
import { openLiveSettings } from './live-settings.ts'
import { SettingsError } from './settings-error.ts'
import type { FlagValues } from './setting-layers.ts'

function open(
  t: TestContext,
  { flags = {}, file = join(temporaryDirectory(t), 's') }: { flags?: FlagValues; file?: string } = {},
) {
  const clock = new ManualClock()
  const options = { clock, log: silentLog }
  const layers = { flags, environment: { PORCHLIGHT_APP: 'terminal' }, kept: readSettingRecords(file) }
  const settings = openLiveSettings({ ...options, layers, records: openSettingRecords(file, options) })
  t.after(() => settings[Symbol.dispose]())
  const told: string[] = []
  settings.events.subscribe(({ setting }) => void told.push(setting.name))
  const view = (name: string) => settings.views.find((each) => each.name === name) ?? assert.fail(name)
  const short = (name: string) => {
    const { value, source, kept, waits } = view(name)
    return { value, source, kept, waits }
  }
  return { clock, file, settings, told, view, short }
}

test('what is heeded at once is in use when it is set; the rest is from the next start on', (t) => {
  const { file, settings, told, short } = open(t)
  const lobbies = settings.readable('lobbies')
  const seen: (number | undefined)[] = []
  lobbies.subscribe((value) => seen.push(value))
  const named = settings.change({ lobbies: 40, port: 9000 })
  assert.deepEqual(named.map(({ name }) => name).toSorted(), ['lobbies', 'port'])
  assert.deepEqual([lobbies.value, ...seen], [40, 40])
  assert.deepEqual(short('lobbies'), { value: 40, source: 'database', kept: 40, waits: false })
  assert.deepEqual(short('port'), { value: 8080, source: 'default', kept: 9000, waits: true })
  assert.deepEqual(open(t, { file }).short('port'), { value: 9000, source: 'database', kept: 9000, waits: false })
  settings.change({ lobbies: null, port: null })
  assert.deepEqual([lobbies.value, short('port').waits, told.length], [16, false, 4])
  settings.change({ port: null })
  assert.equal(told.length, 4, 'what is as it was is not told')
})

test('a flag and a variable win over what is kept, also when that comes later', (t) => {
  const { settings, short } = open(t, { flags: { lobbies: '3' } })
  settings.change({ lobbies: 40, app: 'desktop' })
  assert.deepEqual(short('lobbies'), { value: 3, source: 'flag', kept: 40, waits: false })
  assert.deepEqual(short('app'), { value: 'terminal', source: 'variable', kept: 'desktop', waits: false })
  assert.equal(settings.readable('lobbies').value, 3)
})

test('what another writer changes is noticed within a second, and nobody undoes what another one did', (t) => {
  const { clock, file, settings, told, short } = open(t)
  const other = open(t, { file })
  other.settings.change({ lobbies: 7 })
  settings.change({ port: 9000 })
  clock.advance(1000)
  other.clock.advance(1000)
  assert.deepEqual([short('lobbies').value, other.short('port').kept], [7, 9000])
  assert.deepEqual(told.toSorted(), ['lobbies', 'port'])
})

test('a change is all or nothing, and a secret is told to nobody', (t) => {
  const { settings, view } = open(t)
  assert.throws(() => settings.change({ lobbies: 5, port: 'x' }), SettingsError)
  assert.equal(view('lobbies').isKept, false)
  settings.change({ 'ice-server': ['turn:a.example,ada,swordfish'] })
  assert.deepEqual([view('ice-server').isKept, view('ice-server').waits], [true, true])
  assert.ok(!JSON.stringify(settings.views).includes('swordfish'))
})

test('what is kept of another version stays, is told where it cannot be used, and can be forgotten', (t) => {
  const { file, settings } = open(t)
  const records = openSettingRecords(file, { clock: new ManualClock(), log: silentLog })
  records.change(
    () =>
      new Map<string, unknown>([
        ['of-a-later-version', 1],
        ['lobbies', 'many'],
      ]),
  )
  records[Symbol.dispose]()
  const again = open(t, { file })
  assert.match(
    again.view('lobbies').unusable ?? '',
    /^Cannot use lobbies: got "many", wanted a whole number from 1 to 1000/,
  )
  assert.deepEqual(again.short('lobbies'), { value: 16, source: 'default', kept: 'many', waits: false })
  again.settings.change({ port: 9000 })
  assert.equal(readSettingRecords(file).get('of-a-later-version'), 1)
  settings.change({ 'of-a-later-version': null, lobbies: null })
  assert.deepEqual([...readSettingRecords(file)], [['port', 9000]])
})
