import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { PassingPlane, type PassedMember } from '../../../test/support/passing-plane.ts'
import { keyPairFrom } from '../../net/native/node-crypto.ts'
import { decodeSealedSignal, encodeSealedSignal } from '../../wire/party/sealed-signal.ts'
import { WireError } from '../../wire/wire-error.ts'
import { PartyError } from '../contract/party-error.ts'
import { MemberSession, type MemberPair } from './member-session.ts'

const psk = randomBytes(32)
const words = ({ heard }: PassedMember) => heard.map(({ word }) => word.type)

test('members who have the same second part of the code meet, and nobody without it or with another one is talked to', () => {
  for (const [ofAda, ofBob, doubtOfAda, doubtOfBob] of [
    [psk, psk, undefined, undefined],
    [psk, randomBytes(32), 'other-secret', 'other-secret'],
    [psk, undefined, 'without-secret', 'secret-wanted'],
    [undefined, psk, 'secret-wanted', 'without-secret'],
    [undefined, undefined, undefined, undefined],
  ] as const) {
    const plane = new PassingPlane()
    const ada = plane.join('ada', ofAda && { psk: ofAda })
    const bob = plane.join('bob', ofBob && { psk: ofBob })
    // The one with the larger id calls two seconds later.
    plane.clock.advance(5000)
    assert.deepEqual([ada.talks.doubtOf('bob'), bob.talks.doubtOf('ada')], [doubtOfAda, doubtOfBob])
    const isMet = doubtOfAda === undefined
    assert.deepEqual([ada.met, bob.met], isMet ? [['bob'], ['ada']] : [[], []])
    if (isMet) continue
    assert.throws(() => ada.talks.say('bob', { type: 'ping' }), { code: 'peer-offline' })
    plane.clock.advance(600_000)
    assert.deepEqual([ada.met, bob.met], [[], []])
    assert.deepEqual([ada.doubts, bob.doubts], [[`bob ${doubtOfAda}`], [`ada ${doubtOfBob}`]], 'it is told once')
    const passed = plane.passed.length
    plane.clock.advance(600_000)
    assert.ok(plane.passed.length - passed < 100, 'they go on asking, and slowly')
  }
})

test('a member that comes again with the right second part is met, and no longer doubted', () => {
  const plane = new PassingPlane()
  const ada = plane.join('ada', { psk })
  plane.join('bob', { psk: randomBytes(32) }).talks.follow([])
  const wrong = plane.join('bob', { psk: randomBytes(32) })
  plane.clock.advance(5000)
  assert.equal(ada.talks.doubtOf('bob'), 'other-secret')
  wrong.talks[Symbol.dispose]()
  const right = plane.join('bob', { psk })
  plane.clock.advance(70_000)
  assert.deepEqual([ada.met, right.met], [['bob'], ['ada']])
  assert.equal(ada.talks.doubtOf('bob'), undefined)
  // What is said in clear, as a plane may do, undoes nothing of it.
  const session = randomBytes(16).toString('base64url')
  plane.deliver({ from: 'bob', to: 'ada', data: { porchlight_sealed: { kind: 'doubted', session } } })
  plane.deliver({ from: 'bob', to: 'ada', data: { porchlight_sealed: { kind: 'greet', session, noise: 'AAAA' } } })
  ada.talks.say('bob', { type: 'ping' })
  plane.clock.advance(100)
  assert.deepEqual(words(right), ['ping'])
  assert.equal(ada.talks.doubtOf('bob'), undefined)
})

/**
 * A control plane that tells each of two members its own key as the other's, and answers and calls each in the other's name; `guess` is what it
 * takes for the second part. `read` is what it got to read.
 */
function openBetween(of: Uint8Array | undefined, guess: Uint8Array | undefined) {
  const plane = new PassingPlane()
  const mallory = keyPairFrom(randomBytes(32))
  const told = Buffer.from(mallory.publicKey).toString('base64')
  plane.toldKeyOf = () => told
  const read: string[] = []
  const sessions = new Map<string, MemberSession>()
  const pairFor = (as: string, victim: string): MemberPair => ({
    partyId: 'friday',
    ownId: as,
    peerId: victim,
    keys: mallory,
    peerKey: Buffer.from(plane.keyOf(victim), 'base64'),
    psk: guess,
    isRecorded: false,
    epochMs: () => 0,
  })
  plane.meddle = ({ from: victim, to: as, data }) => {
    const reply = (signal: Parameters<typeof encodeSealedSignal>[0]) =>
      plane.clock.after(20, () => plane.deliver({ from: as, to: victim, data: encodeSealedSignal(signal) }))
    const signal = decodeSealedSignal(data)
    try {
      if (signal?.kind === 'greet') {
        const { session, answer } = MemberSession.answer(pairFor(as, victim), signal)
        sessions.set(session.id, session)
        reply(answer)
      } else if (signal?.kind === 'greeted') {
        const session = sessions.get(signal.session)
        if (session) reply(session.meet(signal))
      } else if (signal?.kind === 'sealed') {
        const opened = sessions.get(signal.session)?.open(signal)
        if (opened?.kind === 'said') read.push(opened.message.type)
      }
    } catch (error) {
      if (!(error instanceof WireError) && !(error instanceof PartyError)) throw error
    }
    return undefined
  }
  const [ada, bob] = [plane.join('ada', of && { psk: of }), plane.join('bob', of && { psk: of })]
  const callBob = () => {
    const { session, greeting } = MemberSession.call(pairFor('ada', 'bob'))
    sessions.set(session.id, session)
    plane.deliver({ from: 'ada', to: 'bob', data: encodeSealedSignal(greeting) })
  }
  return { plane, ada, bob, read, callBob }
}

test('a control plane that tells its own key in the place of members’ keys gets nothing where the code has a second part', () => {
  for (const guess of [undefined, randomBytes(32)]) {
    const { plane, ada, bob, read, callBob } = openBetween(psk, guess)
    for (let time = 0; time < 20; time++) {
      plane.clock.advance(3000)
      callBob()
    }
    assert.deepEqual([ada.met, bob.met, read], [[], [], []])
    assert.throws(() => ada.talks.say('bob', { type: 'ping' }), { code: 'peer-offline' })
    assert.deepEqual(words(bob), [])
    // Both are told that something is wrong.
    const seen = guess ? 'other-secret' : 'without-secret'
    assert.equal(bob.talks.doubtOf('ada'), seen)
    if (guess) assert.equal(ada.talks.doubtOf('bob'), seen)
  }
})

test('in a party without a second part a control plane that tells its own keys from the beginning reads what is said', () => {
  const { plane, ada, read } = openBetween(undefined, undefined)
  plane.clock.advance(5000)
  assert.deepEqual(ada.met, ['bob'])
  ada.talks.say('bob', { type: 'ping' })
  plane.clock.advance(100)
  assert.ok(read.includes('ping'))
})
