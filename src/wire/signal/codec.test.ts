import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { WireError } from '../wire-error.ts'
import { decodeClientMessage, decodeServerMessage, encodeSignal } from './codec.ts'
import { seatId } from './seats.ts'
import { maxSignalBytes, type ClientMessage, type ServerMessage } from './messages.ts'

const plain = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record(model, { noNullPrototype: true })
const id = fc.string({ minLength: 1, maxLength: 64 })
const timestamp = fc.integer()

const seatWish = fc.oneof(
  plain({ do: fc.constantFrom('request', 'release', 'take-back', 'lock', 'unlock') }),
  plain({ do: fc.constantFrom('hand-over', 'grant'), to: id }),
)
const said = fc.string({ minLength: 1, maxLength: 200 })
const sequence = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER })
const deliveries = fc.array(
  fc.oneof(
    plain({ sequence, lobbyId: id, do: fc.constantFrom('say' as const, 'type' as const), text: said }),
    plain({ sequence, do: fc.constant('seat' as const), seat: fc.constantFrom(...seatId.options), wish: seatWish }),
    plain({ sequence, lobbyId: id, do: fc.constant('ask-to-play' as const), asks: fc.boolean() }),
  ),
  { minLength: 1, maxLength: 32 },
)
const client: fc.Arbitrary<ClientMessage> = fc.oneof(
  plain({
    type: fc.constant('offer' as const),
    signal: plain({ type: fc.constant('offer' as const), sdp: fc.string({ minLength: 1 }) }),
  }),
  plain({ type: fc.constant('candidate' as const), candidate: fc.string(), sdpMid: fc.string({ maxLength: 32 }) }),
  plain({ type: fc.constant('join' as const), lobbyId: id }),
  plain({ type: fc.constantFrom('leave' as const, 'bye' as const) }),
  plain({ type: fc.constant('reconnect' as const), sessionId: id, resumeToken: fc.string({ maxLength: 128 }) }),
  plain({ type: fc.constant('limit' as const), bitrateBps: fc.nat(1e9) }),
  plain({ type: fc.constant('deliver' as const), outbox: fc.stringMatching(/^[\w-]{16,64}$/), deliveries }),
  plain({ type: fc.constantFrom('ping' as const, 'pong' as const), timestamp }),
  plain({ type: fc.constant('clipboard-follow' as const), on: fc.boolean() }),
  plain({ type: fc.constant('clipboard-write' as const), text: fc.string(), more: fc.boolean() }),
  plain({ type: fc.constant('clipboard-taken' as const) }),
)
const seat = plain({
  id: fc.constantFrom(...seatId.options),
  holder: id,
  requests: fc.array(id),
  locked: fc.boolean(),
})
const seatedPlayer = plain({
  sessionId: id,
  name: fc.string(),
  role: fc.constantFrom('owner', 'player', 'agent'),
  pointer: fc.nat(0xffff),
})
const lobbyText = plain({
  id: sequence,
  memberId: id,
  name: fc.string(),
  role: fc.constantFrom('owner', 'player', 'viewer', 'agent'),
  text: fc.string(),
  atMs: timestamp,
})
const refusal = plain({ sequence, code: fc.string(), message: fc.string() })
const server: fc.Arbitrary<ServerMessage> = fc.oneof(
  plain({ type: fc.constant('delivered' as const), through: sequence, refused: fc.array(refusal) }),
  plain({ type: fc.constant('texts' as const), lobbyId: id, texts: fc.array(lobbyText) }),
  plain({
    type: fc.constant('seats' as const),
    lobbyId: id,
    seating: fc.constantFrom('single', 'shared'),
    seats: fc.array(seat),
    players: fc.array(seatedPlayer),
    askers: fc.array(plain({ memberId: id, name: fc.string() })),
  }),
  plain({
    type: fc.constant('voices' as const),
    lobbyId: id,
    voice: fc.constantFrom('app', 'players', 'everybody'),
    audience: plain({ app: fc.boolean(), members: fc.boolean() }),
    speaking: fc.array(id),
  }),
  plain({
    type: fc.constant('ready' as const),
    id,
    protocolVersion: fc.constant(1 as const),
    iceServers: fc.array(plain({ urls: fc.array(fc.string()), username: fc.string() })),
    resumeToken: fc.string(),
  }),
  plain({
    type: fc.constant('signal' as const),
    signal: plain({ type: fc.constant('answer' as const), sdp: fc.string({ minLength: 1 }) }),
  }),
  plain({
    type: fc.constant('place' as const),
    place: fc.oneof(
      plain({ kind: fc.constant('lobby' as const), lobbyId: id }),
      plain({ kind: fc.constant('waiting-room' as const), lobbyId: id, reason: fc.string() }),
    ),
  }),
  plain({
    type: fc.constantFrom('error' as const, 'clipboard-refused' as const),
    code: fc.string(),
    message: fc.string(),
  }),
  plain({
    type: fc.constant('rumble' as const),
    pad: fc.nat(3),
    strong: fc.constantFrom(0, 0.5, 1),
    weak: fc.constantFrom(0, 1),
    durationMs: fc.nat(5000),
  }),
  plain({ type: fc.constant('clipboard' as const), text: fc.string(), more: fc.boolean() }),
  plain({ type: fc.constant('clipboard-written' as const) }),
)

test('decodeClientMessage gives back what encodeSignal wrote, from text and from bytes', () => {
  fc.assert(
    fc.property(client, (message) => {
      const text = encodeSignal(message)
      assert.deepEqual(decodeClientMessage(text), message)
      assert.deepEqual(decodeClientMessage(new TextEncoder().encode(text.toWellFormed())), message)
    }),
  )
})

test('decodeServerMessage gives back what encodeSignal wrote', () => {
  fc.assert(fc.property(server, (message) => assert.deepEqual(decodeServerMessage(encodeSignal(message)), message)))
})

test('decodeClientMessage leaves out fields that it does not know, prototypes among them', () => {
  const message = decodeClientMessage('{"type":"join","lobbyId":"a","volume":11,"__proto__":{"role":"owner"}}')
  assert.deepEqual(message, { type: 'join', lobbyId: 'a' })
  assert.equal('role' in message, false)
})

test('decodeClientMessage says which field is wrong and what it must be, and never what it was', () => {
  const secret = 'tok-3f9a'
  const refused: [object, string, RegExp][] = [
    [{ type: secret }, 'unknown-type', /"type" must be \("offer" \| /],
    [{ type: 'reconnect', sessionId: 'a', resumeToken: secret.repeat(50) }, 'malformed', /"resumeToken" must be <=128/],
    [{ type: 'reconnect', sessionId: { secret } }, 'malformed', /"sessionId" must be string/],
    [{ type: 'offer', signal: { type: 'offer', sdp: [secret] } }, 'malformed', /"signal.sdp" must be string/],
    [{ type: 'offer', signal: { type: secret, sdp: 'v=0' } }, 'malformed', /"signal.type" must be "offer"/],
    [{ type: 'join' }, 'malformed', /"lobbyId" is missing/],
    [{ type: 'limit', bitrateBps: 1.5 }, 'malformed', /"bitrateBps" must be integer/],
    [[], 'unknown-type', /"type" is missing/],
  ]
  for (const [value, code, wanted] of refused) {
    assert.throws(
      () => decodeClientMessage(JSON.stringify(value)),
      (error) => {
        assert.ok(error instanceof WireError)
        assert.equal(error.code, code)
        assert.match(error.message, wanted)
        assert.ok(!error.message.includes(secret) && error.cause === undefined)
        return true
      },
    )
  }
})

test('decodeClientMessage looks at the size before anything else', () => {
  const pad = (unit: string, count: number) => `{"type":"leave","pad":"${unit.repeat(count)}"}`
  assert.deepEqual(decodeClientMessage(pad('a', maxSignalBytes - 30)), { type: 'leave' })
  assert.throws(() => decodeClientMessage(pad('a', maxSignalBytes)), { code: 'too-long' })
  assert.throws(() => decodeClientMessage(pad('€', maxSignalBytes / 3)), { code: 'too-long' })
  assert.throws(() => decodeClientMessage(new Uint8Array(maxSignalBytes + 1)), { code: 'too-long' })
})

test('decodeClientMessage refuses deep nesting without running out of stack', () => {
  const depth = 60_000
  const nested = `${'['.repeat(depth)}${']'.repeat(depth)}`
  assert.throws(() => decodeClientMessage(nested), WireError)
  assert.throws(() => decodeClientMessage(`{"type":"join","lobbyId":${nested}}`), { code: 'malformed' })
  assert.throws(() => decodeClientMessage('['.repeat(depth)), { code: 'malformed' })
})

test('decodeClientMessage and decodeServerMessage throw only WireError when the input is random', () => {
  const bytes = fc.uint8Array({ maxLength: 100 })
  fc.assert(
    fc.property(fc.oneof(bytes, fc.string(), fc.json(), client.map(encodeSignal)), (data) => {
      for (const decode of [decodeClientMessage, decodeServerMessage]) {
        try {
          decode(data)
        } catch (error) {
          assert.ok(error instanceof WireError)
        }
      }
    }),
  )
})
