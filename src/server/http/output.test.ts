import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as v from 'valibot'
import { eventually } from '../../../test/support/eventually.ts'
import { openRunningWeb } from '../../../test/support/running-web.ts'
import { endedLobby, lobbyOutput } from '../../wire/api/resources.ts'

test('what an app prints is told to the owner, and what came after a line, also when its lobby has ended', async (t) => {
  const web = await openRunningWeb(t)
  const lobbyId = await web.openLobby()
  const ask = (query = '') => web.api('GET', `/api/v1/lobbies/${lobbyId}/output${query}`, { token: web.ownerToken })
  const read = async (query = '') => v.parse(lobbyOutput, (await ask(query)).json())
  const [app] = await eventually(
    () => [...web.parts.running],
    ({ length }) => length > 0,
    { what: 'a running app' },
  )
  app?.print('hello\nworld\n')
  const { last, lines } = await read()
  assert.deepEqual(
    lines.map(({ source, text }) => [source, text]),
    [
      ['host', 'Memory is starting'],
      ['app', 'hello'],
      ['app', 'world'],
    ],
  )
  assert.deepEqual(await read(`?after=${last}`), { last, lines: [] })
  assert.deepEqual(
    (await read(`?after=${last - 1}`)).lines.map(({ text }) => text),
    ['world'],
  )
  for (const query of ['?after=x', '?after=-1', '?after=', `?after=${'9'.repeat(400)}`]) {
    assert.equal((await ask(query)).status, 400, query)
  }

  await web.host.stopLobby(lobbyId, 'The owner has stopped it')
  const ended = await web.api('GET', '/api/v1/ended-lobbies', { token: web.ownerToken })
  assert.partialDeepStrictEqual(v.parse(v.array(endedLobby), ended.json()), [
    { id: lobbyId, appId: 'memory', reason: 'The owner has stopped it' },
  ])
  const texts = (await read()).lines.map(({ text }) => text)
  assert.deepEqual(texts.slice(-2), ['world', 'The owner has stopped it'])
  const gone = await web.api('GET', '/api/v1/lobbies/none/output', { token: web.ownerToken })
  assert.equal(gone.status, 404)
})
