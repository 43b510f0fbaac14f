import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../test/support/fast-check.ts'
import { HostError } from './contract/host-error.ts'
import type { HostEvent } from './contract/host-event.ts'
import type { Lobby } from './contract/lobby.ts'
import type { Member, Role } from '../domain/member.ts'
import { openMemoryHost, type MemoryHost } from './memory/memory-host.ts'
import { may } from '../domain/rights.ts'
import type { SeatWish } from '../domain/seat.ts'
import type { StreamSession } from './contract/stream-session.ts'

/** Whatever people do and whatever breaks under them, in whatever order. */
type Step =
  | { readonly do: 'create-lobby'; readonly appId: string; readonly stopWhenEveryoneLeaves: boolean }
  | { readonly do: 'create-session'; readonly role: Role }
  | { readonly do: 'join'; readonly session: number; readonly lobby: number }
  | { readonly do: 'leave' | 'resume'; readonly session: number }
  | { readonly do: 'close'; readonly session: number; readonly cause: string }
  | { readonly do: 'input'; readonly session: number }
  | { readonly do: 'seat'; readonly session: number; readonly wish: SeatWish['do']; readonly to: number }
  | { readonly do: 'seating'; readonly lobby: number; readonly seating: 'single' | 'shared' }
  | { readonly do: 'stop-lobby' | 'resize'; readonly lobby: number }
  | { readonly do: 'lose'; readonly what: 'display' | 'app' | 'media' | 'producer'; readonly which: number }
  | { readonly do: 'fail-next'; readonly part: 'display' | 'producer' | 'app' }
  | { readonly do: 'media-back' }
  | { readonly do: 'advance'; readonly byMs: number }
  | { readonly do: 'settle'; readonly turns: number }

const index = fc.nat({ max: 2 })
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant('create-lobby' as const),
    appId: fc.constantFrom('memory', 'memory', 'test-pattern', 'nothing'),
    stopWhenEveryoneLeaves: fc.boolean(),
  }),
  fc.record({ do: fc.constant('create-session' as const), role: fc.constantFrom<Role>('owner', 'player', 'viewer') }),
  { weight: 5, arbitrary: fc.record({ do: fc.constant('join' as const), session: index, lobby: index }) },
  fc.record({ do: fc.constantFrom('leave' as const, 'resume' as const), session: index }),
  fc.record({ do: fc.constant('close' as const), session: index, cause: fc.constantFrom('disconnected', 'left') }),
  { weight: 3, arbitrary: fc.record({ do: fc.constant('input' as const), session: index }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('seat' as const),
      session: index,
      wish: fc.constantFrom<SeatWish['do']>('request', 'release', 'hand-over', 'grant', 'take-back', 'lock', 'unlock'),
      to: index,
    }),
  },
  fc.record({ do: fc.constant('seating' as const), lobby: index, seating: fc.constantFrom('single', 'shared') }),
  fc.record({ do: fc.constantFrom('stop-lobby' as const, 'resize' as const), lobby: index }),
  fc.record({
    do: fc.constant('lose' as const),
    what: fc.constantFrom('display', 'app', 'media', 'producer'),
    which: index,
  }),
  fc.record({ do: fc.constant('fail-next' as const), part: fc.constantFrom('display', 'producer', 'app') }),
  fc.record({ do: fc.constant('media-back' as const) }),
  fc.record({ do: fc.constant('advance' as const), byMs: fc.constantFrom(300, 5000, 30_000) }),
  { weight: 4, arbitrary: fc.record({ do: fc.constant('settle' as const), turns: fc.integer({ min: 2, max: 8 }) }) },
)

/** Lets what is under way go on for a while; files are really written meanwhile. */
async function settle(turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setTimeout(resolve, 0))
}

async function take(memory: MemoryHost, past: StreamSession[], next: Step): Promise<void> {
  const { host, parts, clock } = memory
  const session = (at: number) => [...host.sessions.values()][at]
  const lobby = (at: number) => [...host.lobbies.values()][at]
  // Refusals are right answers here; whether what happened is right is checked afterwards.
  const refused = (error: unknown) => assert.ok(error instanceof HostError, String(error))
  switch (next.do) {
    case 'create-lobby':
      return void host.createLobby(next).catch(refused)
    case 'create-session': {
      const member: Member = { id: next.role, name: next.role, role: next.role, lobbies: 'all' }
      if (host.sessions.size >= 4) return
      const created = host.createSession(member)
      created.attach({ codecs: ['h264'], bitrateBps: 1e6, audio: true }, { video() {}, audio() {} })
      return void past.push(created)
    }
    case 'join':
      return void session(next.session)
        ?.join(lobby(next.lobby)?.id ?? 'nothing')
        .catch(refused)
    case 'leave':
      return void session(next.session)?.leave()
    case 'resume': {
      const lost = past[next.session]
      if (!lost || host.sessions.has(lost.id) || host.sessions.size >= 4) return
      const resumed = host.createSession(lost.member, { id: lost.id })
      return void resumed.attach({ codecs: ['h264'], bitrateBps: 1e6, audio: true }, { video() {}, audio() {} })
    }
    case 'close':
      return void session(next.session)?.close(next.cause)
    case 'input':
      try {
        session(next.session)?.input({ type: 'key', code: 'KeyA', key: 'a', down: true })
      } catch (error) {
        refused(error)
      }
      return
    case 'seat':
      try {
        const to = session(next.to)?.id ?? 'nobody'
        session(next.session)?.changeSeat('keyboard-mouse', { do: next.wish, to })
      } catch (error) {
        refused(error)
      }
      return
    case 'seating':
      return void host.changeLobby(lobby(next.lobby)?.id ?? 'nothing', { seating: next.seating }).catch(refused)
    case 'stop-lobby':
      return void host.stopLobby(lobby(next.lobby)?.id ?? 'nothing', 'Enough').catch(refused)
    case 'resize':
      return void host
        .changeLobby(lobby(next.lobby)?.id ?? 'nothing', { size: { width: 640, height: 480 } })
        .catch(refused)
    case 'lose':
      if (next.what === 'display') return void [...parts.displays][next.which]?.die()
      if (next.what === 'app') return void [...parts.running][next.which]?.exit()
      if (next.what === 'media') return [...parts.producers][next.which]?.goDown('The media process was lost')
      return void [...parts.producers][next.which]?.fail(new Error('gave up'))
    case 'fail-next':
      return parts.failNext(next.part, new Error('not now'))
    case 'media-back':
      for (const producer of parts.producers) if (producer.state.value.status === 'down') producer.goLive()
      return
    case 'advance':
      return clock.advance(next.byMs)
    case 'settle':
      return settle(next.turns)
  }
}

function checkNow({ host, parts }: MemoryHost, isSettled: boolean): void {
  const lobbies = [...host.lobbies.values()]
  for (const session of host.sessions.values()) {
    const place = session.place.value
    const joined = lobbies.filter(({ sessions }) => sessions.includes(session.id))
    assert.deepEqual(
      joined.map(({ id }) => id),
      place.lobbyId === undefined ? [] : [place.lobbyId],
      'a session is in the lobby that its place names, and in no other',
    )
    const isShown = joined[0]?.status.value.status === 'running'
    assert.equal(place.kind, isShown ? 'lobby' : 'waiting-room')
  }
  for (const lobby of lobbies) {
    assert.equal(new Set(lobby.sessions).size, lobby.sessions.length)
    for (const id of lobby.sessions) assert.ok(host.sessions.has(id), 'nobody is in a lobby who is not here')
    if (lobby.status.value.status === 'ended') assert.deepEqual(lobby.sessions, [])
  }
  const watched = [...parts.producers, ...parts.rooms.keys()].reduce((count, { viewers }) => count + viewers, 0)
  assert.ok(watched <= host.sessions.size, 'nobody is shown two things')
  // What breaks is gone some turns before its lobby knows.
  if (isSettled) assert.equal(watched, host.sessions.size, 'everybody is shown something')
  if (host.sessions.size > 0) assert.ok(parts.rooms.size > 0)
  const playing = [...host.sessions.values()].filter((session) => session.holds('keyboard-mouse'))
  for (const { member, place } of playing) {
    assert.ok(may(member.role, 'play'), 'who may only watch holds nothing')
    assert.equal(place.value.kind, 'lobby')
  }
  for (const lobby of lobbies) checkSeats(lobby, host.sessions)
  const devices = [...parts.displays].reduce((count, { inputs }) => count + inputs.size, 0)
  assert.ok(devices <= playing.length, 'nobody else has devices')
  if (isSettled) assert.equal(devices, playing.length, 'who plays has devices')
}

function checkSeats(lobby: Lobby, sessions: ReadonlyMap<string, StreamSession>): void {
  for (const { holder, requests, locked } of lobby.seats.value) {
    for (const id of holder === undefined ? requests : [holder, ...requests]) {
      assert.ok(lobby.sessions.includes(id), 'nobody has or wants a seat who is not in the lobby')
      assert.ok(may(sessions.get(id)?.member.role ?? 'viewer', 'play'))
    }
    assert.equal(new Set(requests).size, requests.length)
    assert.ok(!requests.includes(holder ?? ''))
    if (holder === undefined && !locked) assert.deepEqual(requests, [], 'nobody waits for a seat that is free')
  }
  if (lobby.settings.value.seating === 'single') {
    const holders = lobby.sessions.filter((id) => sessions.get(id)?.holds('keyboard-mouse'))
    assert.ok(holders.length <= 1, 'keyboard and mouse are one lease')
  }
}

function checkHistory(events: readonly HostEvent[]): void {
  const bySession = Map.groupBy(events, (event) => ('sessionId' in event ? event.sessionId : ''))
  bySession.delete('')
  for (const [, history] of bySession) {
    let here = false
    let lobbyId: string | undefined
    let target: string | undefined
    for (const event of history) {
      if (event.type === 'StreamSessionCreated') {
        assert.equal(here, false)
        here = true
        target = undefined
        continue
      }
      assert.equal(here, true, `${event.type} of a session that is not here`)
      if (event.type === 'JoinLobby') {
        assert.equal(lobbyId, undefined, 'never in two lobbies')
        lobbyId = event.lobbyId
      } else if (event.type === 'LeaveLobby') {
        assert.equal(lobbyId, event.lobbyId)
        lobbyId = undefined
      } else if (event.type === 'SwitchStreamProducer') {
        assert.notEqual(event.producerId, target, 'one switch for each target')
        target = event.producerId
      } else if (event.type === 'StopStream') {
        assert.equal(lobbyId, undefined, 'out of the lobby before the end')
        here = false
      }
    }
    assert.equal(here, false)
  }
}

/** Something to do something with. */
const opening: readonly Step[] = [
  { do: 'create-lobby', appId: 'memory', stopWhenEveryoneLeaves: false },
  { do: 'create-session', role: 'player' },
  { do: 'join', session: 0, lobby: 0 },
  { do: 'settle', turns: 4 },
]

test('no sequence of events reaches an impossible state or leaves anything open', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60, size: 'max' }), async (steps) => {
      const memory = await openMemoryHost({ limits: { lobbies: 3 } })
      const past: StreamSession[] = []
      for (const next of [...opening, ...steps]) {
        await take(memory, past, next)
        checkNow(memory, next.do === 'settle')
      }
      await memory[Symbol.asyncDispose]()
      assert.equal(memory.parts.open, 0)
      assert.equal(memory.clock.pending, 0)
      checkHistory(memory.events)
    }),
    { numRuns: 60 },
  )
})
