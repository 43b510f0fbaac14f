import assert from 'node:assert/strict'
import { chmod, mkdtemp, readdir, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as v from 'valibot'
import { processesOfLobby } from '../../../support/processes-of.ts'
import { lobby, redeemedInvitation } from '../../../../src/wire/api/resources.ts'
import { newToken } from '../../../../src/store/token.ts'
import { eventually } from '../../../support/eventually.ts'
import { scene } from './scene.ts'

/** An app that renames its lobby, tries everything else, and writes down what it was answered. */
const program = `
import { readFile, writeFile } from 'node:fs/promises'
const { PORCHLIGHT_API: api, PORCHLIGHT_TOKEN: token, PORCHLIGHT_LOBBY: own } = process.env
const ask = (method, path, body) => fetch(api + path, {
  method,
  headers: { authorization: 'Bearer ' + token, 'content-type': 'application/json' },
  body: body && JSON.stringify(body),
})
const wait = async (name) => {
  for (;;) {
    try { return await readFile(name, 'utf8') } catch { await new Promise((resolve) => setTimeout(resolve, 50)) }
  }
}
await ask('PATCH', '/lobbies/' + own, { title: 'Named by myself' })
const { other, stranger } = JSON.parse(await wait('others.json'))
const members = await (await ask('GET', '/members')).json()
const tried = {}
for (const [method, path, body] of [
  ['GET', '/lobbies/' + own],
  ['PATCH', '/members/' + members[0].id, { role: 'player' }],
  ['DELETE', '/members/' + members[0].id],
  ['PATCH', '/lobbies/' + own, { layout: 'de' }],
  ['DELETE', '/lobbies/' + own],
  ['GET', '/lobbies/' + other],
  ['PATCH', '/lobbies/' + other, { title: 'Mine' }],
  ['DELETE', '/members/' + stranger],
  ['POST', '/lobbies', { appId: 'test-pattern' }],
  ['POST', '/invitations', { lobbyId: own, role: 'player' }],
  ['GET', '/invitations'],
  ['GET', '/sessions'],
  ['GET', '/records'],
  ['GET', '/apps'],
  ['GET', '/host'],
  ['GET', '/events'],
]) tried[method + ' ' + path.replace(own, 'own').replace(other, 'other').replace(members[0].id, 'member').replace(stranger, 'stranger')
  + (body?.layout ? ' layout' : '')] = (await ask(method, path, body)).status
await writeFile('tried.json', JSON.stringify({ members: members.map(({ name }) => name), tried }))
setInterval(() => {}, 1000)
`

scene.test(
  'an app changes the title and the members of its own lobby, and nothing else, for as long as it runs',
  async (t) => {
    // Where the app's own user can read it.
    const programs = await mkdtemp(join(tmpdir(), 'porchlight-programs-'))
    t.after(() => rm(programs, { recursive: true, force: true }))
    await chmod(programs, 0o755)
    await writeFile(join(programs, 'namer.mjs'), program)
    const { house } = scene
    const data = join(house.directory, 'data')
    const definition = { title: 'Namer', command: [process.execPath, join(programs, 'namer.mjs')], sound: false }
    assert.equal((await house.api('PUT', 'apps/namer', { body: { definition } })).status, 201)
    const own = await house.openLobby('namer')
    const other = await house.openLobby('test-pattern')
    const enter = async (lobbyId: string, name: string) => {
      const { token } = await house.invite(lobbyId, 'viewer')
      const body = { claim: newToken(), name }
      const answer = await house.api('POST', 'invitations/redeem', { token, body })
      return v.parse(redeemedInvitation, answer.json())
    }
    const guest = await enter(own.id, 'Ada')
    const stranger = await enter(other.id, 'Eve')
    await eventually(
      async () => v.parse(lobby, (await house.api('GET', `lobbies/${own.id}`)).json()).title,
      (title) => title === 'Named by myself',
      { what: 'the new title' },
    )
    const [running] = await processesOfLobby(own.id)
    const place = await readlink(`/proc/${running?.pid}/cwd`)
    await writeFile(join(place, 'others.json'), JSON.stringify({ other: other.id, stranger: stranger.memberId }))
    const told = await eventually(
      () => readFile(join(place, 'tried.json'), 'utf8').catch(() => ''),
      (text) => text !== '',
      { what: 'the answers that the app was given' },
    )
    assert.deepEqual(JSON.parse(told), {
      members: ['Ada'],
      tried: {
        'GET /lobbies/own': 200,
        'PATCH /members/member': 200,
        'DELETE /members/member': 204,
        'PATCH /lobbies/own layout': 403,
        'DELETE /lobbies/own': 403,
        'GET /lobbies/other': 404,
        'PATCH /lobbies/other': 404,
        'DELETE /members/stranger': 404,
        'POST /lobbies': 403,
        'POST /invitations': 403,
        'GET /invitations': 403,
        'GET /sessions': 403,
        'GET /records': 403,
        'GET /apps': 403,
        'GET /host': 403,
        'GET /events': 403,
      },
    })
    assert.equal((await house.api('GET', 'me', { token: guest.token })).status, 401)
    assert.equal((await house.api('GET', 'me', { token: stranger.token })).status, 200)

    const environ = `/proc/${running?.pid}/environ`
    assert.equal((await stat(environ)).mode & 0o077, 0, 'no other user reads it')
    const token = /PORCHLIGHT_TOKEN=([\w-]{43})/.exec(await readFile(environ, 'latin1'))?.[1] ?? ''
    assert.equal((await house.api('GET', 'me', { token })).status, 200)
    assert.ok(!house.log.includes(token) && !house.output.includes(token))
    for (const line of await commandLines()) assert.ok(!line.includes(token), 'it is on no command line')
    for (const name of await readdir(data)) {
      const path = join(data, name)
      if ((await stat(path)).isFile()) assert.ok(!(await readFile(path)).includes(token), `it is not in ${name}`)
    }
    await house.api('DELETE', `lobbies/${own.id}`)
    assert.equal((await house.api('GET', 'me', { token })).status, 401)
  },
)

async function commandLines(): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  return Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '')))
}
