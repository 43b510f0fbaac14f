import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LobbyRecords } from '../store/lobby-records.ts'
import { lobbyArchive } from './lobby-archive.ts'

function archiveOf(stored: readonly Readonly<Record<string, unknown>>[]) {
  const list: LobbyRecords['list'] = () =>
    stored.map((settings, index) => ({
      id: String(index),
      appId: 'game',
      profile: 'default',
      settings,
      seats: [],
      createdMs: 0,
    }))
  return lobbyArchive({ put() {}, delete() {}, list })
}

test('lobbyArchive keeps the layouts that were ever stored, and drops what is no name of one', async () => {
  const stored = ['us', 'de', 'fr', 'ru', 'us(dvorak)', 'tr(f)', undefined, '-option evil', '../../etc', '']
  const records = await archiveOf(stored.map((layout) => ({ layout }))).list()
  const layouts = records.map(({ settings }) => settings.layout)
  assert.deepEqual(layouts, [...stored.slice(0, 6), undefined, undefined, undefined, undefined])
})

test('lobbyArchive leaves out settings that nobody knows, or that cannot be', async () => {
  const odd = { title: 'Games', voice: 'nobody', seating: 7, size: { width: 1 }, colour: 'red', restart: 'always' }
  const [record] = await archiveOf([odd]).list()
  assert.deepEqual(JSON.parse(JSON.stringify(record?.settings)), { title: 'Games', restart: 'always' })
})
