import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as v from 'valibot'
import { openRunningWeb } from '../../../test/support/running-web.ts'
import { problem, setting } from '../../wire/api/resources.ts'

test('PATCH /settings changes all or none, and says of each fault where it is', async (t) => {
  const web = await openRunningWeb(t)
  const token = web.ownerToken
  const refused = await web.api('PATCH', '/api/v1/settings', { token, body: { lobbies: 20, port: 'eighty', x: 1 } })
  const { code, errors = [] } = v.parse(problem, refused.json())
  assert.deepEqual([refused.status, code], [400, 'invalid-setting'])
  assert.deepEqual(
    errors.map(({ pointer }) => pointer),
    ['/port', '/x'],
  )
  const all = v.parse(v.array(setting), (await web.api('GET', '/api/v1/settings', { token })).json())
  assert.ok(all.every(({ isKept }) => !isKept))
  assert.deepEqual(
    all.filter(({ name }) => name === 'port').map(({ value, source }) => [value, source]),
    [[9000, 'flag']],
  )
  const changed = await web.api('PATCH', '/api/v1/settings', { token, body: { lobbies: '20', 'no-tls': true } })
  const views = v.parse(v.array(setting), changed.json())
  const shown = views.map(({ name, value, waits }) => [name, value, waits])
  assert.deepEqual(Object.fromEntries(shown.map(([name, ...rest]) => [name, rest])), {
    lobbies: [20, false],
    'no-tls': [false, true],
  })
  for (const body of [
    { lobbies: {} },
    ['x'],
    'x',
    Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`s${i}`, 1])),
  ]) {
    assert.equal((await web.api('PATCH', '/api/v1/settings', { token, body })).status, 400)
  }
})

test('PATCH /settings is refused where somebody on the way could have asked for it', async (t) => {
  const web = await openRunningWeb(t)
  const headers = { 'X-Forwarded-For': '192.0.2.7' }
  const answer = await web.api('PATCH', '/api/v1/settings', { token: web.ownerToken, body: { lobbies: 20 }, headers })
  assert.deepEqual([answer.status, v.parse(problem, answer.json()).code], [403, 'settings-not-from-here'])
})
