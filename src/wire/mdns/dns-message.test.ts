import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { WireError } from '../wire-error.ts'
import { decodeDnsMessage, encodeDnsMessage, type DnsData, type DnsMessage, type DnsRecord } from './dns-message.ts'
import { isSameName, nameKey } from './dns-name.ts'

const label = fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme-ascii' })
const name = fc.array(label, { minLength: 1, maxLength: 5 })
const port = fc.nat(65_535)
const data: fc.Arbitrary<DnsData> = fc.oneof(
  name.map((target) => ({ type: 'PTR' as const, target })),
  fc.tuple(name, port).map(([target, own]) => ({ type: 'SRV' as const, target, port: own })),
  fc.array(label, { maxLength: 4 }).map((texts) => ({ type: 'TXT' as const, texts })),
  fc.ipV4().map((address) => ({ type: 'A' as const, address })),
)
const record: fc.Arbitrary<DnsRecord> = fc
  .tuple(data, fc.record({ name, ttlS: fc.nat(2 ** 32 - 1), flush: fc.boolean() }, { noNullPrototype: true }))
  .map(([own, head]) => ({ ...own, ...head }))
const records = fc.array(record, { maxLength: 5 })
const question = fc
  .tuple(name, fc.constantFrom('PTR', 'SRV', 'TXT', 'A', 'ANY'))
  .map(([own, type]) => ({ name: own, type }))
const message: fc.Arbitrary<DnsMessage> = fc.record(
  {
    id: fc.nat(65_535),
    isResponse: fc.boolean(),
    questions: fc.array(question, { maxLength: 4 }),
    answers: records,
    authorities: records,
    additionals: records,
  },
  { noNullPrototype: true },
)

test('decodeDnsMessage reads what encodeDnsMessage writes', () => {
  fc.assert(fc.property(message, (each) => assert.deepEqual(decodeDnsMessage(encodeDnsMessage(each)), each)))
})

test('decodeDnsMessage takes any bytes, and throws nothing but WireError', () => {
  const damaged = fc.tuple(message, fc.nat(), fc.nat(255), fc.nat()).map(([each, at, byte, length]) => {
    const bytes = encodeDnsMessage(each)
    bytes[at % bytes.length] = byte
    return bytes.subarray(0, 1 + (length % bytes.length))
  })
  fc.assert(
    fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 300 })), (bytes) => {
      try {
        decodeDnsMessage(bytes)
      } catch (error) {
        assert.ok(error instanceof WireError, String(error))
      }
    }),
    { numRuns: 2000 },
  )
})

test('encodeDnsMessage asks as RFC 6762 has it', () => {
  const bytes = encodeDnsMessage({
    id: 0,
    isResponse: false,
    questions: [{ name: ['_nvstream', '_tcp', 'local'], type: 'PTR' }],
    answers: [],
    authorities: [],
    additionals: [],
  })
  // Head, then "_nvstream", "_tcp", "local" and what is wanted of them.
  const golden = '000000000001000000000000 095f6e7673747265616d 045f746370 056c6f63616c 00 000c0001'
  assert.equal(Buffer.from(bytes).toString('hex'), golden.replaceAll(' ', ''))
})

test('decodeDnsMessage follows pointers backwards, and refuses one that leads ahead or in a circle', () => {
  const head = '000084000000000200000000'
  // At 12: "a.local", with an address; then a name that points at "local".
  const first = '0161056c6f63616c00000180010000007800047f000001'
  const second = (pointer: string) => `0162${pointer}000180010000007800047f000002`
  const read = (text: string) => decodeDnsMessage(Buffer.from(head + first + text, 'hex')).answers
  assert.deepEqual(
    read(second('c00e')).map((each) => each.name),
    [
      ['a', 'local'],
      ['b', 'local'],
    ],
  )
  for (const pointer of ['c025', 'c023', 'c0ff']) assert.throws(() => read(second(pointer)), WireError, pointer)
})

test('decodeDnsMessage refuses what is larger than a message can be', () => {
  assert.throws(() => decodeDnsMessage(new Uint8Array(9001)), { code: 'too-long' })
  const many = new Uint8Array(12)
  many[6] = 0xff
  assert.throws(() => decodeDnsMessage(many), { code: 'too-long' })
})

test('names are the same whatever the case, and no label passes for two', () => {
  assert.ok(isSameName(['TV', 'Local'], ['tv', 'local']))
  assert.ok(!isSameName(['tv', 'local'], ['tv.local']))
  assert.notEqual(nameKey(['tv', 'local']), nameKey(['tv.local']))
})
