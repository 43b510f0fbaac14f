import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import * as v from 'valibot'
import { hostInfo, lobby, problem } from '../../../src/wire/api/resources.ts'
import { newToken } from '../../../src/store/token.ts'
import { eventually } from '../../support/eventually.ts'
import { openPorchlight } from '../../support/running-porchlight.ts'
import { onSmallDisk, SmallDisk, whyNoSmallDisk } from '../../support/small-disk.ts'

const data = await mkdtemp(join(tmpdir(), 'porchlight-full-'))
test.after(() => rm(data, { recursive: true, force: true, maxRetries: 5 }))

const skip = await whyNoSmallDisk()

test(
  'a full disk is told as such wherever something is written, stops nothing, and is forgotten when there is room',
  { skip },
  async () => {
    const flags = ['--data', data, '--app', 'test-pattern', '--record', join(data, 'recordings')]
    await using house = await openPorchlight({ flags, prefix: onSmallDisk(data, 8) })
    const disk = new SmallDisk(house.pid, data)
    const { id } = await house.firstLobby()
    const app = (command: string) => ({
      definition: { command: ['sh', '-c', command], sound: false, fps: 5, title: 'x'.repeat(80) },
    })
    assert.equal((await house.api('PUT', 'apps/sleeper', { body: app('sleep 1000') })).status, 201)
    const invited = await house.invite(id ?? '', 'player')
    const asked = (await house.api('GET', 'host')).json()
    assert.deepEqual(
      v.parse(hostInfo, asked).missing.filter(({ what }) => what === 'Disk space').length,
      1,
      '8 MB are little',
    )

    disk.fill()
    const requests: readonly (readonly [method: string, path: string, body?: unknown])[] = [
      ['PUT', 'apps/sleeper', app('sleep 2000')],
      ['POST', 'apps', app('sleep 3000')],
      ['POST', 'lobbies', { appId: 'test-pattern', title: 'Another' }],
      ['POST', 'invitations', { lobbyId: id, role: 'viewer' }],
      ['PATCH', `lobbies/${id}`, { title: 'y'.repeat(80) }],
    ]
    for (const [method, path, body] of requests) {
      const answer = await house.api(method, path, { body })
      assert.equal(answer.status, 507, `${method} ${path}: ${answer.text}`)
      const { code, detail } = v.parse(problem, answer.json())
      assert.equal(code, 'disk-full')
      assert.match(
        detail ?? '',
        new RegExp(
          `^Cannot .*: the disk is full\\. Make room on the disk of ${data}/porchlight\\.sqlite and do it again$`,
        ),
      )
    }
    const redeeming = { body: { claim: newToken(), name: 'Eve' }, token: invited.token }
    const refused = await house.api('POST', 'invitations/redeem', redeeming)
    assert.equal(refused.status, 507)
    assert.doesNotMatch(refused.text, /porchlight\.sqlite/, 'where the data are is nobody else’s business')

    // What is not written down at once is tried again; what needs a home waits for room.
    const started = await house.api('POST', 'lobbies', { body: { appId: 'sleeper', restart: 'never' } })
    assert.equal(started.status, 201, started.text)
    const waiting = v.parse(lobby, started.json())
    const look = async (lobbyId: string) => v.parse(lobby, (await house.api('GET', `lobbies/${lobbyId}`)).json())
    await eventually(
      () => look(waiting.id),
      ({ reason }) => /the disk is full\. Make room there\. Starting it again/.test(reason ?? ''),
      { what: 'a lobby that waits for room' },
    )
    assert.equal((await house.api('DELETE', `lobbies/${id}`)).status, 204)
    assert.deepEqual((await house.api('GET', '/healthz')).json(), { status: 'ok', down: [] })

    disk.makeRoom()
    await eventually(
      () => look(waiting.id),
      ({ status }) => status === 'running',
      { what: 'the app in its home', withinMs: 60_000 },
    )
    for (const [method, path, body] of requests.slice(0, 3)) {
      assert.ok((await house.api(method, path, { body })).status < 300, `${method} ${path}`)
    }
    await eventually(
      () => house.log,
      (log) => log.includes('could not be forgotten'),
      { what: 'a word of the lobby that was not forgotten' },
    )
    assert.doesNotMatch(house.log, /cannot rollback|internal-error/)
    const { code } = await house.stop()
    assert.equal(code, 0)
  },
)

test('a server that finds its disk full says so and what to do, and starts when there is room', { skip }, async () => {
  const place = await mkdtemp(join(tmpdir(), 'porchlight-full-'))
  test.after(() => rm(place, { recursive: true, force: true, maxRetries: 5 }))
  const filled = ['sh', '-c', 'head -c 2000000 /dev/zero > "$0/ballast" 2>/dev/null; exec "$@"', place]
  await assert.rejects(
    openPorchlight({ flags: ['--data', place], prefix: [...onSmallDisk(place, 1), ...filled] }),
    new RegExp(
      `Cannot (start|keep data).*(the disk is full|ENOSPC).*Make room on the disk of .*, or choose another directory with --data`,
    ),
  )
})
