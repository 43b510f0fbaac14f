import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { PassingPlane, type PassedMember, type PassedSignal } from '../../../test/support/passing-plane.ts'
import { planConversation } from '../../kernel/monitor/conversation.ts'
import { replayConversation } from '../../kernel/monitor/recording.ts'
import { keyPairFrom, nodeCrypto } from '../../net/native/node-crypto.ts'
import type { KeyPair } from '../../wire/native/noise-crypto.ts'
import { NoiseHandshake } from '../../wire/native/noise.ts'
import { partyMembers } from '../../wire/party/members.ts'
import { decodeSealedSignal, encodeSealedSignal } from '../../wire/party/sealed-signal.ts'
import { MemberSession } from './member-session.ts'

/** Ada and Bob have met. */
function openPair() {
  const plane = new PassingPlane()
  const [ada, bob] = [plane.join('ada'), plane.join('bob')]
  plane.clock.advance(1000)
  assert.deepEqual([ada.met, bob.met], [['bob'], ['ada']])
  return { plane, ada, bob }
}

const words = ({ heard }: PassedMember) => heard.map(({ word }) => word.type)
const kindOf = ({ data }: PassedSignal) => decodeSealedSignal(data)?.kind
const visit = { type: 'visit', lobbyId: 'games' } as const

test('two members meet by a handshake, and hear each other in the order of their conversation', () => {
  const { plane, ada, bob } = openPair()
  assert.deepEqual(plane.passed.map(kindOf), ['greet', 'greeted', 'sealed'], 'the one with the smaller id calls')
  ada.talks.say('bob', visit)
  assert.throws(() => ada.talks.say('bob', visit), { code: 'too-many-requests' })
  bob.talks.say('ada', { type: 'ping' })
  plane.clock.advance(100)
  bob.talks.say('ada', { type: 'refused', detail: 'no' })
  ada.talks.say('bob', { type: 'pong' })
  plane.clock.advance(100)
  assert.deepEqual(
    [words(ada), words(bob)],
    [
      ['ping', 'refused'],
      ['visit', 'pong'],
    ],
  )
  ada.talks.say('bob', visit)
  assert.throws(() => bob.talks.say('ada', { type: 'bye', session: 'A'.repeat(22) }), { code: 'too-many-requests' })
  ada.talks[Symbol.dispose]()
  bob.talks[Symbol.dispose]()
  assert.equal(plane.clock.pending, 3, 'only what is still on its way: a visit and two goodbyes')
})

test('both calling at once is one meeting, and one who was started again is met again', () => {
  const { plane, ada, bob } = openPair()
  plane.clock.advance(5000)
  assert.equal(plane.passed.length, 3)
  bob.talks[Symbol.dispose]()
  plane.clock.advance(30_000)
  const again = plane.join('bob')
  plane.clock.advance(3000)
  assert.deepEqual([ada.met, again.met], [['bob', 'bob'], ['ada']])
  // Without a word, as in a crash: what is said to it next tells that.
  const once = plane.join('bob')
  ada.talks.say('bob', { type: 'ping' })
  plane.clock.advance(5000)
  assert.deepEqual(once.met, ['ada'])
  assert.deepEqual(words(once), [])
  ada.talks.say('bob', { type: 'ping' })
  plane.clock.advance(100)
  assert.deepEqual(words(once), ['ping'])
})

test('nothing of what is said stands in what is passed on', () => {
  const { plane, ada, bob } = openPair()
  ada.talks.say('bob', visit)
  plane.clock.advance(100)
  const token = 't'.repeat(43)
  bob.talks.say('ada', { type: 'welcome', token, lobbyId: 'games' })
  plane.clock.advance(100)
  assert.deepEqual(ada.heard.at(-1)?.word, { type: 'welcome', token, lobbyId: 'games' })
  const boxes = plane.passed.map(({ data }) => decodeSealedSignal(data))
  const passed = plane.passed.map(({ data }) => JSON.stringify(data)).join()
  const opened = boxes.map((each) => (each?.kind === 'sealed' ? Buffer.from(each.box).toString('latin1') : '')).join()
  for (const secret of [token, 'games', 'visit', 'welcome']) {
    assert.ok(!passed.includes(secret) && !opened.includes(secret), secret)
  }
})

test('a signal that is brought again, late, to somebody else or as somebody else’s is not heard', () => {
  const { plane, ada, bob } = openPair()
  const eve = plane.join('eve')
  plane.clock.advance(3000)
  const from = plane.passed.length
  ada.talks.say('bob', { type: 'ping' })
  plane.clock.advance(100)
  bob.talks.say('ada', { type: 'pong' })
  plane.clock.advance(100)
  ada.talks.say('bob', visit)
  plane.clock.advance(100)
  const [ping, pong, wish] = plane.passed.slice(from) as [PassedSignal, PassedSignal, PassedSignal]
  assert.deepEqual(words(bob), ['ping', 'visit'])
  for (const old of [ping, wish, wish]) plane.deliver(old)
  // What Ada said to Bob, to Eve; what Bob said to Ada, back to Bob as hers; what Eve says, as Ada’s.
  plane.deliver({ ...wish, to: 'eve' })
  plane.deliver({ ...pong, from: 'ada', to: 'bob' })
  eve.talks.say('bob', visit)
  const hers = plane.passed.at(-1) as PassedSignal
  plane.meddle = () => undefined
  plane.deliver({ ...hers, from: 'ada' })
  plane.clock.advance(100)
  assert.deepEqual(words(bob).filter((word) => word === 'visit').length, 2, 'Ada’s and Eve’s, once each')
  assert.deepEqual(words(eve), [])
  plane.meddle = (signal) => signal
  // The session of Ada and Bob goes on as if nothing had come.
  bob.talks.say('ada', { type: 'refused', detail: 'no' })
  plane.clock.advance(100)
  assert.deepEqual(words(ada), ['pong', 'refused'])
})

test('what was said in a former session is worth nothing in the next one, and a replayed greeting replaces no session', () => {
  const { plane, ada, bob } = openPair()
  ada.talks.say('bob', visit)
  plane.clock.advance(100)
  const former = [...plane.passed]
  bob.talks[Symbol.dispose]()
  const again = plane.join('bob')
  plane.clock.advance(5000)
  assert.deepEqual(again.met, ['ada'])
  for (const old of former) plane.deliver(old)
  plane.clock.advance(1000)
  assert.deepEqual(words(again), [])
  again.talks.say('ada', visit)
  plane.clock.advance(100)
  assert.equal(words(ada).at(-1), 'visit', 'their session goes on')
})

test('bytes that are changed, and greetings by another key, are refused; a plane that makes up a key is not believed for it', () => {
  const { plane, ada, bob } = openPair()
  ada.talks.say('bob', visit)
  const sent = decodeSealedSignal((plane.passed.at(-1) as PassedSignal).data)
  assert.ok(sent?.kind === 'sealed')
  for (let at = 0; at < sent.box.length; at++) {
    const box = Uint8Array.from(sent.box)
    box[at] = (box[at] ?? 0) ^ 1
    plane.deliver({ from: 'ada', to: 'bob', data: encodeSealedSignal({ ...sent, box }) })
  }
  for (const number of [1, 2, 2 ** 40]) {
    plane.deliver({ from: 'ada', to: 'bob', data: encodeSealedSignal({ ...sent, number: sent.number + number }) })
  }
  assert.deepEqual(words(bob), [])
  plane.clock.advance(5000)
  assert.deepEqual(words(bob), ['visit'], 'the true one came behind them')
  const mallory = keyPairFrom(randomBytes(32))
  const { greeting } = MemberSession.call({
    partyId: 'friday',
    ownId: 'ada',
    peerId: 'bob',
    keys: mallory,
    peerKey: Buffer.from(plane.keyOf('bob'), 'base64'),
    psk: undefined,
    isRecorded: false,
    epochMs: () => 0,
  })
  plane.deliver({ from: 'ada', to: 'bob', data: encodeSealedSignal(greeting) })
  assert.match(bob.logged.at(-1) ?? '', /another key than that member has/)
})

test('a message that was lost ends a session, and the two meet again by themselves', () => {
  const { plane, ada, bob } = openPair()
  plane.meddle = () => undefined
  ada.talks.say('bob', { type: 'ping' })
  plane.meddle = (signal) => signal
  ada.talks.say('bob', visit)
  plane.clock.advance(5000)
  assert.deepEqual(words(bob), [], 'the order of what is left is not the order of what was said')
  assert.deepEqual([ada.met.length, bob.met.length], [2, 2])
  ada.talks.say('bob', visit)
  plane.clock.advance(100)
  assert.deepEqual(words(bob), ['visit'])
})

test('who breaks the order is refused with the reason, recorded for a replay, and heard again later', () => {
  for (const [breach, code, label] of [
    [{ type: 'welcome', token: 't'.repeat(43), lobbyId: 'x' }, 'protocol-violation', 'welcome'],
    [{ type: 'lease', session: 'A'.repeat(22), relay: '192.0.2.1:1', lease: 'A' }, 'malformed', 'unreadable'],
    [{ type: 'bye', session: 'A'.repeat(22) }, 'protocol-violation', 'bye'],
    [{ type: 'met' }, 'protocol-violation', 'met'],
    [{ type: 'hello' }, 'malformed', 'unreadable'],
  ] as const) {
    const plane = new PassingPlane()
    const [ada, mallory] = [plane.join('ada'), keyPairFrom(randomBytes(32))]
    plane.join('bob', { keys: mallory }).talks.follow([])
    plane.clock.advance(30_000)
    untilQuiet(plane)
    const call = unwatchedCall(plane, mallory)
    call.say({ type: 'met' })
    assert.deepEqual(ada.met, ['bob'])
    call.say(breach)
    const over = call.hear()
    assert.deepEqual([over.type, over.code], ['over', code], JSON.stringify(breach))
    assert.deepEqual(ada.heard, [])
    const recorded = replayConversation(ada.recorded.at(-1) ?? '', (_name, role) =>
      planConversation(partyMembers, role),
    )
    assert.equal(recorded.violation?.got.label, label)
    assert.throws(() => ada.talks.say('bob', { type: 'ping' }), { code: 'peer-offline' })
    // Not yet, and then again.
    const passed = plane.passed.length
    assert.throws(() => unwatchedCall(plane, mallory))
    assert.equal(plane.passed.length, passed)
    plane.clock.advance(60_000)
    untilQuiet(plane)
    unwatchedCall(plane, mallory).say({ type: 'met' })
    assert.deepEqual(ada.met, ['bob', 'bob'])
  }
})

/** Until a call would not cross one of the other end. */
function untilQuiet(plane: PassingPlane): void {
  for (let passed = -1; passed !== plane.passed.length; plane.clock.advance(1100)) passed = plane.passed.length
}

/** A program of Bob's that says to Ada what it likes: the wire, written by hand. */
function unwatchedCall(plane: PassingPlane, own: KeyPair) {
  const id = randomBytes(16).toString('base64url')
  const handshake = new NoiseHandshake({
    crypto: nodeCrypto,
    pattern: 'IK',
    isInitiator: true,
    prologue: Buffer.from(JSON.stringify(['porchlight party members', 'friday', 'bob', 'ada', id])),
    own,
    peerKey: Buffer.from(plane.keyOf('ada'), 'base64'),
  })
  const none = new Uint8Array(0)
  const bring = (kind: string, rest: object) =>
    plane.deliver({ from: 'bob', to: 'ada', data: { porchlight_sealed: { kind, session: id, ...rest } } })
  const last = () => decodeSealedSignal(plane.passed.at(-1)?.data ?? {})
  bring('greet', { noise: Buffer.from(handshake.write(none)).toString('base64url') })
  const answer = last()
  assert.ok(answer?.kind === 'greeted' && answer.session === id)
  handshake.read(answer.noise)
  const keys = handshake.split()
  let number = 0
  return {
    say: (word: object) => {
      const box = nodeCrypto.seal(keys.send, number, none, Buffer.from(JSON.stringify(word)))
      bring('sealed', { number: number++, box: Buffer.from(box).toString('base64url') })
    },
    /** The first that Ada seals. */
    hear: (): { type?: string; code?: string } => {
      const sealed = last()
      assert.ok(sealed?.kind === 'sealed' && sealed.number === 0)
      const plain = nodeCrypto.open(keys.receive, 0, none, sealed.box)
      return JSON.parse(Buffer.from(plain ?? []).toString()) as object
    },
  }
}

test('strangers, nonsense, clear words and what is too long come to nothing, and cost little', () => {
  const { plane, ada, bob } = openPair()
  const before = plane.passed.length
  const box = Buffer.alloc(15_360, 'A').toString()
  for (const data of [
    {},
    { topic: 'wall', data: { type: 'visit', lobbyId: 'games', ask: 1 } },
    { porchlight_sealed: null },
    { porchlight_sealed: { kind: 'greet', session: 'A'.repeat(22), noise: 'A'.repeat(513) } },
    { porchlight_sealed: { kind: 'sealed', session: 'A'.repeat(22), number: 0, box: `${box}A` } },
    { porchlight_sealed: { kind: 'sealed', session: 'A'.repeat(22), number: -1, box: 'AAAA' } },
    { porchlight_sealed: { kind: 'sealed', session: 'A'.repeat(22), number: 1e300, box: 'AAAA' } },
    { porchlight_sealed: { kind: 'sealed', session: 'A'.repeat(22), number: 0, box } },
    { porchlight_sealed: { kind: 'greeted', session: 'A'.repeat(22), noise: '' } },
  ]) {
    plane.deliver({ from: 'bob', to: 'ada', data })
    plane.deliver({ from: 'stranger', to: 'ada', data })
  }
  const noise = randomBytes(120).toString('base64url')
  for (let count = 0; count < 5000; count++) {
    const session = randomBytes(16).toString('base64url')
    plane.deliver({ from: 'bob', to: 'ada', data: { porchlight_sealed: { kind: 'greet', session, noise } } })
  }
  assert.ok(ada.logged.filter((line) => line.includes('not sealed by it')).length <= 10, 'handshakes are paced')
  assert.equal(plane.passed.length, before, 'nobody is answered')
  assert.throws(
    () => ada.talks.say('bob', { type: 'refused', detail: 'x'.repeat(20_000) }),
    (error: { code?: string }) => ['too-long', 'too-many-requests'].includes(error.code ?? ''),
  )
  plane.clock.advance(5000)
  bob.talks.say('ada', { type: 'ping' })
  plane.clock.advance(1000)
  assert.deepEqual(words(ada), ['ping'])
})
