import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { HostError } from '../contract/host-error.ts'
import type { Role } from '../../domain/member.ts'
import { MemoryVoices } from '../memory/memory-voices.ts'
import { audienceOf, type VoiceChoice } from '../../domain/audience.ts'
import { LobbyVoices } from './lobby-voices.ts'

const unit = { timestamp: 1, data: Uint8Array.of(1) }

function setUp(choice: VoiceChoice = 'app') {
  const clock = new ManualClock()
  const voices = new LobbyVoices({ clock, choice, microphone: true })
  const port = new MemoryVoices()
  voices.use({ port, microphone: true })
  const speak = (sessionId: string, role: Role = 'player') => voices.speak({ sessionId, role }, unit)
  return { clock, voices, port, speak }
}

test('speak hands on what is said, with who hears it by the choice of the owner, which can change at any time', () => {
  const { voices, port, speak } = setUp()
  speak('ada')
  assert.deepEqual(port.speakers, [{ id: 'ada', app: true, members: false }])
  voices.choose('everybody')
  speak('guest', 'viewer')
  assert.deepEqual(port.speakers, [
    { id: 'ada', app: true, members: true },
    { id: 'guest', app: false, members: true },
  ])
  voices.choose('app')
  assert.deepEqual(port.speakers, [{ id: 'ada', app: true, members: false }])
  assert.throws(() => speak('guest', 'viewer'), { code: 'voice-forbidden' })
  assert.deepEqual(
    port.heard.map(({ speakerId }) => speakerId),
    ['ada', 'guest'],
  )
})

test('a role that is taken away silences at once, and one that is given lets the app hear', () => {
  const { voices, port, speak } = setUp('everybody')
  speak('ada')
  voices.changeRole('ada', 'viewer')
  assert.deepEqual(port.speakers, [{ id: 'ada', app: false, members: true }])
  voices.choose('players')
  assert.deepEqual(port.speakers, [])
  voices.changeRole('ada', 'player')
  speak('ada')
  assert.deepEqual(port.speakers, [{ id: 'ada', app: true, members: true }])
  voices.leave('ada')
  assert.deepEqual(port.speakers, [])
})

test('an app without a microphone hears nobody, and then there must be others who do', () => {
  const { voices, port, speak } = setUp()
  voices.use({ port: new MemoryVoices(), microphone: false })
  assert.throws(() => speak('ada'), { code: 'voice-forbidden', message: /no microphone/ })
  voices.choose('players')
  voices.use({ port, microphone: false })
  speak('ada')
  assert.deepEqual(port.speakers, [{ id: 'ada', app: false, members: true }])
})

test('eight may speak at a time; the ninth is told so, and may when one of them has stopped', () => {
  const { clock, port, speak } = setUp()
  for (let at = 0; at < 8; at++) speak(`s${at}`)
  assert.throws(() => speak('ninth'), { code: 'too-many-speakers' })
  for (let passed = 0; passed < 3000; passed += 500) {
    clock.advance(500)
    for (let at = 1; at < 8; at++) speak(`s${at}`)
  }
  assert.deepEqual(
    port.speakers.map(({ id }) => id),
    ['s1', 's2', 's3', 's4', 's5', 's6', 's7'],
  )
  speak('ninth')
  assert.equal(port.speakers.length, 8)
  clock.advance(10_000)
  assert.deepEqual(port.speakers, [])
  assert.equal(clock.pending, 0)
})

test('who speaks is told from the app on stage, and nobody does while there is none', () => {
  const { voices, port, speak } = setUp()
  const told: (readonly string[])[] = []
  voices.speaking.subscribe((who) => told.push(who))
  speak('ada')
  port.speaking.set(['ada'])
  voices.use(undefined)
  speak('ada')
  port.speaking.set(['ghost'])
  const next = new MemoryVoices()
  voices.use({ port: next, microphone: true })
  assert.deepEqual(next.speakers, [{ id: 'ada', app: true, members: false }])
  assert.equal(port.heard.length, 1)
  assert.deepEqual(told, [['ada'], []])
  voices.close()
  assert.deepEqual(next.speakers, [])
})

test('whatever happens, those are heard who may be, by whom they may be, and never more than eight', () => {
  const role = fc.constantFrom<Role>('owner', 'player', 'viewer', 'agent')
  const session = fc.nat(11).map((number) => `s${number}`)
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.record({ do: fc.constant('speak' as const), session }) },
    fc.record({ do: fc.constant('role' as const), session, role }),
    fc.record({ do: fc.constant('leave' as const), session }),
    fc.record({
      do: fc.constant('choose' as const),
      choice: fc.constantFrom<VoiceChoice>('app', 'players', 'everybody'),
    }),
    fc.record({ do: fc.constant('stage' as const), microphone: fc.boolean() }),
    fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(500, 4000) }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { clock, voices, port: first } = setUp()
      let port = first
      const roles = new Map<string, Role>()
      const roleOf = (id: string) => roles.get(id) ?? 'player'
      for (const next of steps) {
        if (next.do === 'speak') {
          const before = port.heard.length
          try {
            voices.speak({ sessionId: next.session, role: roleOf(next.session) }, unit)
            assert.equal(port.heard.length, before + 1)
          } catch (error) {
            assert.ok(error instanceof HostError, String(error))
            assert.equal(port.heard.length, before)
          }
        } else if (next.do === 'role') {
          roles.set(next.session, next.role)
          voices.changeRole(next.session, next.role)
        } else if (next.do === 'leave') voices.leave(next.session)
        else if (next.do === 'choose') voices.choose(next.choice)
        else if (next.do === 'pass') clock.advance(next.ms)
        else {
          port = new MemoryVoices()
          voices.use({ port, microphone: next.microphone })
        }
        assert.ok(port.speakers.length <= 8)
        for (const { id, ...audience } of port.speakers) {
          assert.deepEqual(audience, audienceOf(roleOf(id), voices.reach.value))
          assert.ok(audience.app || audience.members)
        }
      }
      voices.close()
      assert.equal(clock.pending, 0)
    }),
  )
})
