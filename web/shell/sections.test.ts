import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sectionsFor } from './sections.ts'

test('sectionsFor leads an owner everywhere, and a guest to what a guest may see', () => {
  const titles = (role: 'owner' | 'player' | 'viewer' | 'agent') => sectionsFor({ role }).map(({ title }) => title)
  assert.deepEqual(titles('owner'), ['Lobbies', 'Party', 'Apps', 'Sessions', 'Settings'])
  for (const role of ['player', 'viewer', 'agent'] as const) assert.deepEqual(titles(role), ['Lobbies', 'Settings'])
})
