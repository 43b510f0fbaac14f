import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LobbyRecords } from '../store/lobby-records.ts'
import { lobbyArchive } from './lobby-archive.ts'

test('lobbyArchive keeps the layouts that were ever stored, and drops what is no name of one', () => {
  const stored = ['us', 'de', 'fr', 'ru', 'us(dvorak)', 'tr(f)', undefined, '-option evil', '../../etc', '']
  const records: LobbyRecords['list'] = () =>
    stored.map((layout, index) => ({
      id: String(index),
      title: 'Games',
      appId: 'game',
      profile: 'default',
      width: 800,
      height: 600,
      layout,
      stopWhenEveryoneLeaves: false,
      seating: 'single',
      voice: 'app',
      seats: [],
      createdMs: 0,
    }))
  const archive = lobbyArchive({ put() {}, delete() {}, list: records })
  const layouts = archive.list().map(({ layout }) => layout)
  assert.deepEqual(layouts, [...stored.slice(0, 6), undefined, undefined, undefined, undefined])
})
