import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { WireError } from '../wire-error.ts'
import { decodeMemberMessage, encodeMemberMessage, knownMembers, type MemberMessage } from './members.ts'
import { decodeSealedSignal, encodeSealedSignal } from './sealed-signal.ts'

const session = 'A'.repeat(22)
const offer: MemberMessage = {
  type: 'offer',
  session,
  candidates: [{ address: '2001:db8::1', port: 9 }],
  relay_key: 'A'.repeat(43),
  has_relay: false,
}
const bytesOf = (value: unknown) => new TextEncoder().encode(JSON.stringify(value))

test('decodeMemberMessage(encodeMemberMessage(x)) is x, with addresses as texts between', () => {
  const said: readonly MemberMessage[] = [
    offer,
    { type: 'met' },
    { type: 'visit', lobbyId: 'games' },
    { type: 'welcome', token: 't'.repeat(43), lobbyId: 'games' },
    { type: 'over', code: 'malformed', detail: 'no' },
    { type: 'bye', session },
  ]
  for (const each of said) assert.deepEqual(decodeMemberMessage(encodeMemberMessage(each)), each)
  assert.match(new TextDecoder().decode(encodeMemberMessage(offer)), /"\[2001:db8::1\]:9"/)
})

test('what makes no sense is refused, and nothing of it is repeated', () => {
  const good = JSON.parse(new TextDecoder().decode(encodeMemberMessage(offer))) as object
  for (const change of [
    { type: 'hello' },
    { session: 'short' },
    { candidates: ['relay.example.org:1'] },
    { candidates: ['192.0.2.1:0'] },
    { candidates: Array.from({ length: 25 }, (_, at) => `192.0.2.1:${at + 1}`) },
    { relay_key: 7 },
  ]) {
    assert.throws(
      () => decodeMemberMessage(bytesOf({ ...good, ...change })),
      { code: 'malformed' },
      JSON.stringify(change),
    )
  }
  const secret = { type: 'welcome', token: 'secret', lobbyId: 'x' }
  assert.throws(
    () => decodeMemberMessage(bytesOf(secret)),
    (error: unknown) => error instanceof WireError && !error.message.includes('secret'),
  )
  assert.throws(() => decodeMemberMessage(new TextEncoder().encode('['.repeat(1000))), { code: 'malformed' })
})

test('decodeSealedSignal takes back what encodeSealedSignal writes, and random data do no more than be refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(), (box, number) => {
      const sealed = { kind: 'sealed', session, number, box } as const
      assert.deepEqual(decodeSealedSignal(encodeSealedSignal(sealed)), sealed)
    }),
  )
  assert.equal(decodeSealedSignal({ topic: 'wall' }), undefined)
  fc.assert(
    fc.property(fc.anything(), (data) => {
      assert.throws(() => decodeSealedSignal({ porchlight_sealed: data }), WireError)
    }),
  )
})

test('a member of this version is safe with one of this version, and one of another is for the newer one to judge', () => {
  const known = knownMembers()
  assert.deepEqual(known.judge('caller', known.fingerprint), { kind: 'same' })
  assert.deepEqual(known.judge('called', 'f'.repeat(16)), { kind: 'unknown' })
})
