import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import type { Member } from '../../../domain/member.ts'
import { openMemoryHost } from '../../../host/memory/memory-host.ts'
import { silentLog } from '../../../kernel/log.ts'
import { until } from '../../../kernel/readable.ts'
import { Pump } from '../../../viewer/sending/pump.ts'
import { createCounters } from '../../../viewer/contract/gateway-counters.ts'
import { readLaunchRequest } from '../../../wire/moonlight/launch-request.ts'
import { MoonlightStream } from '../stream/moonlight-stream.ts'
import { titlesOf } from './titles.ts'
import { LaunchDesk } from './launch-desk.ts'
import { Launches } from '../launch/launches.ts'
import { Stays } from './stays.ts'

const olga: Member = { id: 'olga', name: 'Olga', role: 'owner', lobbies: 'all' }

test('a launch goes where its title says, and a resume to where the client was', async () => {
  await using rig = await openRig()
  const [chess, go] = [await rig.lobby('Chess'), await rig.lobby('Go')]
  await rig.launch(rig.title('Chess'))
  assert.equal(rig.place, chess.id)
  await rig.launch(rig.title('Go'))
  assert.equal(rig.place, go.id, 'another title')
  await rig.launch(rig.title('Chess'), { verb: 'resume' })
  assert.equal(rig.place, go.id, 'resumed while it stands, whatever it names')
  await rig.stays.end('tv', 'disconnected')
  rig.clock.advance(59_000)
  await rig.launch(0, { verb: 'resume' })
  assert.equal(rig.place, go.id, 'resumed after a loss')
  await rig.stays.end('tv', 'disconnected')
  rig.clock.advance(61_000)
  await assert.rejects(rig.launch(0, { verb: 'resume' }), { code: 'malformed' })
})

test('a resume is a new session, which finds the seat that its member had', async () => {
  await using rig = await openRig()
  await rig.lobby('Chess')
  await rig.launch(rig.title('Chess'))
  const first = rig.session()
  first.changeSeat('keyboard-mouse', { do: 'request' })
  await rig.launch(0, { verb: 'resume' })
  const second = rig.session()
  assert.notEqual(second.id, first.id)
  assert.ok(second.holds('keyboard-mouse'), 'while the former one stood')
  await rig.stays.end('tv', 'disconnected')
  rig.clock.advance(59_000)
  await rig.launch(0, { verb: 'resume' })
  assert.ok(rig.session().holds('keyboard-mouse'), 'after a loss')
  await rig.stays.end('tv', 'left')
  await rig.launch(rig.title('Chess'))
  assert.ok(!rig.session().holds('keyboard-mouse'), 'who has quit has given it up')
})

test('a seat of a client that is lost is not kept for anybody else', async () => {
  await using rig = await openRig()
  const chess = await rig.lobby('Chess')
  await rig.launch(rig.title('Chess'))
  rig.session().changeSeat('keyboard-mouse', { do: 'request' })
  await rig.stays.end('tv', 'disconnected')
  const other = rig.host.createSession({ ...olga, id: 'paul', role: 'player' })
  await other.join(chess.id)
  assert.ok(!other.holds('keyboard-mouse'))
  other.input({ type: 'key', code: 'KeyA', key: 'a', down: true })
  assert.ok(other.holds('keyboard-mouse'), 'but nobody waits for who is not there')
})

test('a launch that there is no room for is refused, and leaves what was as it was', async () => {
  await using rig = await openRig()
  const chess = await rig.lobby('Chess')
  await rig.launch(rig.title('Chess'))
  for (const producer of [...rig.parts.producers, ...rig.parts.rooms.keys()]) {
    producer.offer = ({ shape }) => ({ asked: shape, given: undefined, reason: 'There is no room' })
  }
  await assert.rejects(rig.launch(rig.title('Chess')), { code: 'no-room', message: /no room to encode 1280x720/ })
  assert.equal(rig.host.sessions.size, 0)
  assert.equal(rig.stays.lobbyOf('tv'), chess.id, 'and it can come back with another size')
})

test('the display takes the size of a client that is alone with it and wants that', async () => {
  await using rig = await openRig()
  const chess = await rig.lobby('Chess')
  const size = () => `${chess.settings.value.size?.width}x${chess.settings.value.size?.height}`
  const before = size()
  await rig.launch(rig.title('Chess'), { mode: '1920x1080x60' })
  assert.equal(size(), before, 'it was not asked for')
  await rig.launch(rig.title('Chess'), { mode: '1920x1080x60', sops: 1 })
  assert.equal(size(), '1920x1080')
  const other = rig.host.createSession({ ...olga, id: 'paul' })
  await other.join(chess.id)
  await rig.launch(rig.title('Chess'), { mode: '1280x720x60', sops: 1 })
  assert.equal(size(), '1920x1080', 'somebody else is there')
})

test('nothing is left of stays that are closed', async () => {
  await using rig = await openRig()
  await rig.lobby('Chess')
  await rig.launch(rig.title('Chess'))
  await rig.stays.close()
  assert.equal(rig.host.sessions.size, 0)
  assert.equal(rig.stays.lobbyOf('tv'), undefined)
})

async function openRig() {
  const { host, clock, parts, ...memory } = await openMemoryHost()
  const stays = new Stays(clock)
  const launches = new Launches({ clock, onExpired: () => {} })
  const nowUs = () => clock.nowMs() * 1000
  const context = {
    pump: new Pump({ clock, nowUs }),
    nowUs,
    counters: createCounters(),
    log: silentLog,
    clock,
    gateway: 'moonlight' as const,
  }
  const viewerProcess = {
    open: () => {
      throw new Error('No stream begins here')
    },
  }
  const desk = new LaunchDesk({
    host,
    stays,
    launches,
    randomBytes,
    openStream: (session) => new MoonlightStream({ context, viewerProcess, session, keepRecording: undefined }),
  })
  const session = () => {
    const found = stays.get('tv')?.stream.session
    assert.ok(found)
    return found
  }
  return {
    host,
    clock,
    parts,
    stays,
    session,
    get place() {
      return session().place.value.lobbyId
    },
    async lobby(title: string) {
      const lobby = await host.createLobby({ appId: 'memory', title })
      await until(lobby.status, ({ status }) => status === 'running')
      return lobby
    },
    title(name: string): number {
      return [...titlesOf(host, olga)].find(([, title]) => title.name === name)?.[0] ?? 0
    },
    async launch(
      appId: number,
      {
        verb = 'launch',
        mode = '1280x720x60',
        sops = 0,
      }: { verb?: 'launch' | 'resume'; mode?: string; sops?: 0 | 1 } = {},
    ) {
      const query = new URLSearchParams(`appid=${appId}&mode=${mode}&sops=${sops}&rikey=${'0'.repeat(32)}&rikeyid=1`)
      const launcher = { fingerprint: 'tv', member: olga, address: '192.0.2.7' }
      await desk.launch(launcher, readLaunchRequest(query), verb)
    },
    async [Symbol.asyncDispose]() {
      await stays.close()
      launches.close()
      await memory[Symbol.asyncDispose]()
    },
  }
}
