import assert from 'node:assert/strict'
import { test } from 'node:test'
import { allOptions } from './config-options.ts'
import { judgeChange } from './judge-change.ts'
import { SettingsError } from './settings-error.ts'
import { settingView } from './setting-view.ts'
import { readSettings, writeSettings } from './settings-toml.ts'

test('what is written is read again, but for secrets, of which it says that they are there', () => {
  const wanted = Object.fromEntries(
    allOptions()
      .filter(({ isKept }) => isKept)
      .map(({ flag, example, repeated }) => [flag, repeated ? [example] : example]),
  )
  const kept = judgeChange(new Map(), wanted)
  const layers = { flags: {}, environment: {}, kept }
  const text = writeSettings(allOptions().map((option) => settingView(option, layers, kept)))
  const read = readSettings('settings.toml', text)
  const { 'ice-server': _, ...rest } = Object.fromEntries(kept)
  assert.deepEqual(Object.fromEntries(judgeChange(new Map(), read)), rest)
  assert.match(text, /^# ice-server is set and may hold a credential: left out\.$/m)
  assert.match(text, /^port = 9000$/m)
  assert.ok(!text.includes('stun.example.org'))
})

test('what is no TOML, or no value, is refused with where it is', () => {
  const cases: [string, RegExp][] = [
    ['port = ', /^Cannot read s\.toml:1: /],
    ['[port]\na = 1', /^Cannot use port: got a table or a time/],
    ['port = 1979-05-27', /^Cannot use port: got a table or a time/],
  ]
  for (const [text, message] of cases) {
    assert.throws(
      () => readSettings('s.toml', text),
      (error) => error instanceof SettingsError && message.test(error.message),
      text,
    )
  }
})
