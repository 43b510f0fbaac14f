import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { crc32 as zlibCrc32 } from 'node:zlib'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { WireError } from '../wire-error.ts'
import { crc32 } from './crc32.ts'
import { decodeStun, encodeStun, isStun, mostStunBytes, type StunSeal } from './stun-codec.ts'
import type { StunAttributes, StunMessage } from './stun-message.ts'

/** RFC 5769: the samples, and what they are sealed with. */
const shortTermKey = 'VOkJxbRl1RmTxUk/WvJxBt'
const samples = {
  request: `000100582112a442b7e7a701bc34d686fa87dfae802200105354554e207465737420636c69656e74002400046e0001ff80290008932ff9b151263b36
    00060009 6576746a3a68367659202020 00080014 9aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2 80280004 e57a3bcf`,
  ipv4: `0101003c2112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f722000200008 0001a147e112a643
    00080014 2b91f599fd9e90c38c7489f92af9ba53f06be7d7 80280004 c07d4c96`,
  ipv6: `010100482112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f722000200014 0002a1470113a9faa5d3f179bc25f4b5bed2b9d9
    00080014 a382954e4be67bf11784c97c8292c275bfe3ed41 80280004 c8fb0b4c`,
  longTerm: `000100602112a44278ad3433c6ad72c029da412e00060012e3839ee38388e383aae38383e382afe382b90000
    0015001c662f2f3439396b393534643 64f4c33346f4c39465354767936347341 0014000b6578616d706c652e6f726700
    00080014 f67024656dd64a3e02b8e0712e85c9a28ca89666`,
}

function sample(name: keyof typeof samples): Uint8Array {
  return Uint8Array.from(Buffer.from(samples[name].replaceAll(/\s/g, ''), 'hex'))
}

test('decodeStun reads the samples of RFC 5769', () => {
  const request = decodeStun(sample('request'))
  assert.equal(request.kind, 'request')
  assert.equal(Buffer.from(request.transactionId).toString('hex'), 'b7e7a701bc34d686fa87dfae')
  assert.deepEqual(request.attributes, {
    software: 'STUN test client',
    priority: 0x6e0001ff,
    iceControlled: Uint8Array.from(Buffer.from('932ff9b151263b36', 'hex')),
    username: 'evtj:h6vY',
  })
  assert.equal(request.hasFingerprint, true)
  const ipv4 = decodeStun(sample('ipv4'))
  assert.equal(ipv4.kind, 'success')
  assert.deepEqual(ipv4.attributes, {
    software: 'test vector',
    xorMappedAddress: { address: '192.0.2.1', port: 32853 },
  })
  assert.deepEqual(decodeStun(sample('ipv6')).attributes.xorMappedAddress, {
    address: '2001:db8:1234:5678:11:2233:4455:6677',
    port: 32853,
  })
  assert.deepEqual(decodeStun(sample('longTerm')).attributes, {
    username: 'マトリックス',
    nonce: 'f//499k954d6OL34oL9FSTvy64sA',
    realm: 'example.org',
  })
})

test('decodeStun tells what the integrity of the samples of RFC 5769 is of', () => {
  const longTermKey = createHash('md5').update('マトリックス:example.org:TheMatrIX').digest()
  for (const name of ['request', 'ipv4', 'ipv6', 'longTerm'] as const) {
    const [integrity] = decodeStun(sample(name)).integrity
    assert.ok(integrity)
    const key = name === 'longTerm' ? longTermKey : shortTermKey
    assert.deepEqual(Buffer.from(integrity.mac), createHmac('sha1', key).update(integrity.covered).digest(), name)
  }
})

const address = fc.record(
  {
    address: fc.oneof(
      fc.ipV4(),
      fc.ipV6().map((text) => new URL(`http://[${text}]`).hostname.slice(1, -1)),
    ),
    port: fc.nat(0xffff),
  },
  { noNullPrototype: true },
)
const text = fc.string({ maxLength: 60, unit: 'grapheme' })
const attributes: fc.Arbitrary<StunAttributes> = fc.record(
  {
    mappedAddress: address,
    xorMappedAddress: address,
    username: text,
    realm: text,
    nonce: text,
    software: text,
    errorCode: fc.record({ code: fc.integer({ min: 300, max: 699 }), reason: text }, { noNullPrototype: true }),
    unknownAttributes: fc.array(fc.nat(0xffff), { maxLength: 8 }),
    changeRequest: fc.record({ address: fc.boolean(), port: fc.boolean() }, { noNullPrototype: true }),
    responseOrigin: address,
    otherAddress: address,
    priority: fc.nat(0xffffffff),
    useCandidate: fc.constant(true as const),
    iceControlled: fc.uint8Array({ minLength: 8, maxLength: 8 }),
    iceControlling: fc.uint8Array({ minLength: 8, maxLength: 8 }),
    nomination: fc.nat(0xffffff),
  },
  { requiredKeys: [], noNullPrototype: true },
)
const message: fc.Arbitrary<StunMessage> = fc.record(
  {
    kind: fc.constantFrom('request', 'indication', 'success', 'error'),
    transactionId: fc.uint8Array({ minLength: 12, maxLength: 12 }),
    attributes,
  },
  { noNullPrototype: true },
)
const seals: readonly StunSeal[] = (['sha1', 'sha256'] as const).map((kind) => ({
  kind,
  mac: (bytes) => createHmac(kind, 'a key').update(bytes).digest(),
}))

test('decodeStun reads what encodeStun writes, and its seal is of what came', () => {
  fc.assert(
    fc.property(message, fc.constantFrom(undefined, ...seals), fc.boolean(), (value, seal, hasFingerprint) => {
      const bytes = encodeStun(value, seal, hasFingerprint)
      assert.ok(isStun(bytes))
      const { integrity, hasFingerprint: found, notUnderstood, ...read } = decodeStun(bytes)
      assert.deepEqual(read, value)
      assert.equal(found, hasFingerprint)
      assert.deepEqual(notUnderstood, [])
      assert.equal(integrity.length, seal ? 1 : 0)
      for (const { kind, mac, covered } of integrity) {
        assert.equal(kind, seal?.kind)
        assert.deepEqual(Buffer.from(mac), Buffer.from(seal?.mac(covered) ?? []))
      }
    }),
  )
})

test("decodeStun leaves what came as it is, in Node's buffers too", () => {
  const bytes = Buffer.from(
    encodeStun({ kind: 'request', transactionId: new Uint8Array(12), attributes: {} }, seals[0]),
  )
  const before = bytes.toString('hex')
  assert.equal(decodeStun(bytes).hasFingerprint, true)
  assert.equal(bytes.toString('hex'), before)
})

test('decodeStun notices any byte that changed on the way, by the fingerprint', () => {
  fc.assert(
    fc.property(message, fc.nat(), fc.integer({ min: 1, max: 255 }), (value, at, change) => {
      const bytes = encodeStun(value)
      const place = at % bytes.length
      bytes[place] = (bytes[place] as number) ^ change
      // The fingerprint's own type and padding, which is not read, may make it a message without one.
      try {
        assert.equal(decodeStun(bytes).hasFingerprint, false)
      } catch (error) {
        assert.ok(error instanceof WireError)
      }
    }),
  )
})

test('decodeStun takes any bytes, also those cut or spoilt, without harm', () => {
  const decodes = (bytes: Uint8Array) => {
    try {
      decodeStun(bytes)
    } catch (error) {
      assert.ok(error instanceof WireError)
    }
  }
  fc.assert(fc.property(fc.uint8Array({ maxLength: 1500 }), decodes))
  fc.assert(
    fc.property(
      message,
      fc.nat(),
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }),
      (value, cut, changes) => {
        const bytes = encodeStun(value, seals[0], false)
        for (const [at, byte] of changes) bytes[at % bytes.length] = byte
        decodes(bytes)
        decodes(bytes.subarray(0, cut % bytes.length))
      },
    ),
  )
})

test('decodeStun names what has to be understood and is not, and believes nothing behind the integrity', () => {
  const sealed = encodeStun({ kind: 'request', transactionId: new Uint8Array(12), attributes: {} }, seals[0], false)
  const behind = Uint8Array.from([...sealed, 0x00, 0x24, 0, 4, 1, 2, 3, 4])
  new DataView(behind.buffer).setUint16(2, behind.length - 20)
  assert.deepEqual(decodeStun(behind).attributes, {})
  const strange = Uint8Array.from([...sealed.subarray(0, 20), 0x7f, 0xff, 0, 0, 0xff, 0xff, 0, 0])
  new DataView(strange.buffer).setUint16(2, 8)
  assert.deepEqual(decodeStun(strange).notUnderstood, [0x7fff])
})

test('encodeStun refuses what it cannot carry', () => {
  const id = new Uint8Array(12)
  const coded = (code: string) => (error: unknown) => error instanceof WireError && error.code === code
  const write = (value: StunAttributes, transactionId = id) =>
    encodeStun({ kind: 'request', transactionId, attributes: value })
  assert.throws(() => write({}, new Uint8Array(11)), coded('out-of-range'))
  assert.throws(() => write({ xorMappedAddress: { address: 'example.org', port: 1 } }), coded('out-of-range'))
  assert.throws(() => write({ username: 'x'.repeat(509) }), coded('too-long'))
  assert.throws(() => write({ nonce: 'x'.repeat(763), realm: 'x'.repeat(763) }), coded('too-long'))
  assert.throws(() => decodeStun(new Uint8Array(mostStunBytes + 4)), coded('too-long'))
})

test('crc32 is that of zlib', () => {
  fc.assert(fc.property(fc.uint8Array(), (bytes) => assert.equal(crc32(bytes), zlibCrc32(bytes))))
})
