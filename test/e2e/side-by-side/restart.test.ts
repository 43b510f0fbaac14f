import assert from 'node:assert/strict'
import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import * as v from 'valibot'
import { hostInfo, lobby } from '../../../src/wire/api/resources.ts'
import { eventually } from '../../support/eventually.ts'
import { openHome } from '../../support/porchlight-home.ts'

test('a lobby that was acknowledged is back after a kill -9, under its id and with its links good', async (t) => {
  const { start, ask, lobbies } = await openHome(t)
  const first = await start()
  const body = { appId: 'terminal', title: 'Games', width: 800, height: 600 }
  const made = await ask(first, 'POST', 'lobbies', body)
  await first.stop('SIGKILL')
  const created = v.parse(lobby, made.json())
  assert.equal(made.status, 201)

  const second = await start()
  const returned = await eventually(
    () => lobbies(second),
    (all) => all.every(({ status }) => status === 'running'),
    { what: 'lobbies that run', withinMs: 30_000 },
  )
  assert.deepEqual(
    returned.map(({ title }) => title),
    ['Test pattern', 'Games'],
  )
  const [, games] = returned
  const { id, title, width, height, restart, createdAt } = created
  assert.partialDeepStrictEqual(games, { id, title, width, height, restart, createdAt })
  const changed = await ask(second, 'PATCH', `lobbies/${id}`, { title: 'Night games', layout: 'de' })
  assert.equal(changed.status, 200)
  const invited = (await ask(second, 'POST', 'invitations', { lobbyId: id, role: 'player' })).json()
  const { fragment } = v.parse(v.object({ fragment: v.string() }), invited)
  await second.stop('SIGKILL')

  const third = await start()
  const guest = new URLSearchParams(fragment).get('invite') ?? ''
  const seen = v.parse(v.array(lobby), (await third.api('GET', 'lobbies', { token: guest })).json())
  assert.deepEqual(
    seen.map((one) => [one.id, one.title, one.layout]),
    [[id, 'Night games', 'de']],
  )
})

test('a lobby stays away when it was stopped or is never to come back, and then the first one is opened', async (t) => {
  const { start, ask, lobbies } = await openHome(t)
  const first = await start()
  await ask(first, 'POST', 'lobbies', { appId: 'test-pattern', title: 'Once', restart: 'never' })
  const [pattern, once] = await lobbies(first)
  assert.deepEqual([pattern?.restart, once?.restart], ['always', 'never'])
  await first.stop('SIGTERM')

  const second = await start()
  const [back, ...others] = await lobbies(second)
  assert.deepEqual([back?.id, others], [pattern?.id, []])
  assert.equal((await ask(second, 'DELETE', `lobbies/${pattern?.id}`)).status, 204)
  await second.stop('SIGKILL')

  const third = await start()
  const [fresh, ...more] = await lobbies(third)
  assert.equal(more.length, 0)
  assert.notEqual(fresh?.id, pattern?.id)
})

test('a lobby whose app cannot run any more is told as missing and can be given up', async (t) => {
  const { start, ask, lobbies } = await openHome(t)
  const first = await start({ flags: ['--no-lobby'] })
  assert.equal((await ask(first, 'POST', 'lobbies', { appId: 'terminal', title: 'Build' })).status, 201)
  await first.stop()

  // What starts the server is found there, and nothing of what the terminal needs.
  const bin = await mkdtemp(join(tmpdir(), 'porchlight-bin-'))
  t.after(() => rm(bin, { recursive: true }))
  await symlink('/usr/bin/setpriv', join(bin, 'setpriv'))
  const second = await start({ flags: ['--no-lobby'], environment: { PATH: bin } })
  assert.deepEqual(await lobbies(second), [])
  assert.match(second.output, /Missing +Lobby "Build"/)
  const missing = async () => v.parse(hostInfo, (await ask(second, 'GET', 'host')).json()).missing
  const build = (await missing()).find(({ what }) => what === 'Lobby "Build"')
  const path = /DELETE \/api\/v1\/(\S+)/.exec(build?.remedy ?? '')?.[1] ?? ''
  assert.equal((await ask(second, 'DELETE', path)).status, 204)
  assert.ok((await missing()).every(({ what }) => what !== 'Lobby "Build"'))
})
