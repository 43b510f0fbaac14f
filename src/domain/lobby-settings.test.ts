import assert from 'node:assert/strict'
import { test } from 'node:test'
import { changedSettings, usualSettings, type LobbySettings } from './lobby-settings.ts'

const games: LobbySettings = { ...usualSettings, title: 'Games', size: { width: 1280, height: 720 }, layout: 'de' }

test('changedSettings replaces what a change has, and leaves what it leaves out or undefined', () => {
  const changed = changedSettings(games, { title: 'Work', size: { width: 800, height: 600 }, layout: undefined })
  assert.deepEqual(changed, { ...games, title: 'Work', size: { width: 800, height: 600 } })
})

test('changedSettings gives back the same value when nothing changes', () => {
  assert.equal(changedSettings(games, {}), games)
  assert.equal(changedSettings(games, { title: 'Games', size: { width: 1280, height: 720 }, voice: undefined }), games)
})
