import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as v from 'valibot'
import { systemClock } from '../../../src/kernel/clock.ts'
import { openDataDirectory } from '../../../src/server/files/data-directory.ts'
import { recordPage, sessionTimeline } from '../../../src/wire/api/resources.ts'
import { eventually } from '../../support/eventually.ts'
import { openHome } from '../../support/porchlight-home.ts'
import type { RunningPorchlight } from '../../support/running-porchlight.ts'
import { RtcReceiver } from '../../support/rtc-receiver.ts'

type Home = Awaited<ReturnType<typeof openHome>>

async function watching(house: RunningPorchlight, lobbyId: string, token: string): Promise<RtcReceiver> {
  const receiver = new RtcReceiver({ url: house.signallingUrl, token, lobbyId })
  await receiver.message('ready')
  receiver.offer()
  await receiver.until(({ counts }) => counts.pictures > 0, 'a picture')
  return receiver
}

async function staysOf(home: Home, house: RunningPorchlight, sessionId: string) {
  return v.parse(sessionTimeline, (await home.ask(house, 'GET', `records/${sessionId}`)).json()).stays
}

/** How much of a session is on disk, which is written behind. */
function writtenStays(data: string, sessionId: string): number {
  using store = openDataDirectory(data, systemClock, 'refuse')
  return store.sessions.ofSession(sessionId).length
}

test('what became of a session is known after a restart, and who was there at a kill -9 was lost with the host', async (t) => {
  const home = await openHome(t)
  const first = await home.start()
  const token = first.ownerToken
  const [pattern] = await home.lobbies(first)
  const lobbyId = pattern?.id ?? ''
  const left = await watching(first, lobbyId, token)
  const { sessionId } = left.session
  // It stands when the viewer's first word about the pictures has come.
  await eventually(
    () => staysOf(home, first, sessionId),
    ([stay]) => stay?.handshake?.ok === true,
    { what: 'a handshake' },
  )
  await left.close()
  await eventually(
    () => staysOf(home, first, sessionId),
    ([stay]) => stay?.endedAt !== null,
    { what: 'the end of a stay' },
  )
  const stayed = await watching(first, lobbyId, token)
  const killed = stayed.session.sessionId
  await eventually(
    () => writtenStays(home.data, killed),
    (count) => count === 1,
    { what: 'the stay on disk' },
  )
  await first.stop('SIGKILL')
  await stayed.close()

  const second = await home.start()
  const page = v.parse(recordPage, (await home.ask(second, 'GET', `records?lobby=${lobbyId}`)).json())
  assert.deepEqual(
    page.records.map((record) => record.sessionId),
    [killed, sessionId],
  )
  const [lost, ended] = page.records
  assert.equal(lost?.cause, 'host-lost')
  assert.ok(Date.parse(lost.endedAt ?? '') >= Date.parse(lost.startedAt))
  assert.equal(ended?.handshake?.ok, true)
  assert.ok((ended?.pathsMs['direct'] ?? 0) > 0)
  assert.deepEqual(ended?.lobbies, [{ id: lobbyId, title: 'Test pattern' }])
  const [stay] = await staysOf(home, second, sessionId)
  const kinds = stay?.entries.map(({ kind }) => kind) ?? []
  for (const kind of ['handshake', 'path', 'join', 'switch', 'stream']) assert.ok(kinds.includes(kind), kind)

  const third = await watching(second, lobbyId, token)
  await second.stop('SIGTERM')
  await third.close()
  const last = await home.start()
  const [closed] = await staysOf(home, last, third.session.sessionId)
  assert.ok(closed?.cause !== 'host-lost' && closed?.endedAt, 'a host that is stopped ends everybody itself')
})

test('metrics tell for how long sessions were reached by which path, and why they ended', async (t) => {
  const home = await openHome(t)
  const house = await home.start()
  const [pattern] = await home.lobbies(house)
  const viewer = await watching(house, pattern?.id ?? '', house.ownerToken)
  const seconds = () =>
    house
      .metrics()
      .then((metrics) => metrics.get('porchlight_path_seconds_total{path="direct",gateway="browser"}') ?? 0)
  await eventually(seconds, (direct) => direct > 0.5, { what: 'time on the direct path' })
  await home.ask(house, 'DELETE', `sessions/${viewer.session.sessionId}`)
  await eventually(
    () => house.metrics(),
    (metrics) => metrics.get('porchlight_sessions_ended_total{cause="stopped"}') === 1,
    { what: 'an end that is counted' },
  )
  await viewer.close()
})
