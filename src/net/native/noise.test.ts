import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { noiseKeys, noisePsk, noiseVectors } from '../../../test/support/noise-vectors.ts'
import { NoiseHandshake, type NoisePattern } from '../../wire/native/noise.ts'
import { WireError } from '../../wire/wire-error.ts'
import type { NoiseCrypto } from '../../wire/native/noise-crypto.ts'
import { bestCrypto } from './best-crypto.ts'
import { keyPairFrom, nodeCrypto } from './node-crypto.ts'

const bytes = (hex: string): Uint8Array => Buffer.from(hex, 'hex')
const hex = (data: Uint8Array): string => Buffer.from(data).toString('hex')
const isWireError = (error: unknown) => error instanceof WireError

/** Both ends of a handshake, with the keys of the published vectors. */
function ends(
  pattern: NoisePattern,
  {
    prologues = [noiseKeys.prologue, noiseKeys.prologue],
    psks = [undefined, undefined],
    crypto = nodeCrypto,
  }: {
    prologues?: readonly [string, string]
    psks?: readonly [string | undefined, string | undefined]
    crypto?: NoiseCrypto
  } = {},
) {
  const end = (who: 'initiator' | 'responder', prologue: string, psk: string | undefined) =>
    new NoiseHandshake({
      crypto,
      pattern,
      isInitiator: who === 'initiator',
      prologue: bytes(prologue),
      own: crypto.keyPairFrom(bytes(noiseKeys[who].own)),
      ephemeral: crypto.keyPairFrom(bytes(noiseKeys[who].ephemeral)),
      peerKey: who === 'initiator' && pattern === 'IK' ? bytes(noiseKeys.responderPublic) : undefined,
      psk: psk === undefined ? undefined : bytes(psk),
    })
  return [end('initiator', prologues[0], psks[0]), end('responder', prologues[1], psks[1])] as const
}

for (const { pattern, psk, handshakeHash, messages } of noiseVectors) {
  const title = psk === undefined ? pattern : `${pattern}psk2`
  const psks = [psk, psk] as const
  test(`NoiseHandshake writes and reads what the published vectors of ${title} say, by whatever computes it`, () => {
    for (const crypto of [nodeCrypto, bestCrypto()]) says(crypto)
  })
  const says = (crypto: NoiseCrypto) => {
    const [initiator, responder] = ends(pattern, { psks, crypto })
    for (const [index, { payload, ciphertext }] of messages.entries()) {
      const [from, to] = index % 2 === 0 ? [initiator, responder] : [responder, initiator]
      if (from.isDone) continue
      assert.equal(hex(from.write(bytes(payload))), ciphertext)
      assert.equal(hex(to.read(bytes(ciphertext))), payload)
    }
    assert.ok(initiator.isDone && responder.isDone)
    const [one, other] = [initiator.split(), responder.split()]
    assert.deepEqual([hex(one.handshakeHash), hex(other.handshakeHash)], [handshakeHash, handshakeHash])
    const counts = { initiator: 0, responder: 0 }
    for (const [index, { payload, ciphertext }] of messages.entries()) {
      if (index < (pattern === 'IK' ? 2 : 3)) continue
      const [from, to, name] =
        index % 2 === 0 ? ([one, other, 'initiator'] as const) : ([other, one, 'responder'] as const)
      const counter = counts[name]++
      assert.equal(hex(crypto.seal(from.send, counter, new Uint8Array(0), bytes(payload))), ciphertext)
      const opened = crypto.open(to.receive, counter, new Uint8Array(0), bytes(ciphertext))
      assert.equal(hex(opened ?? new Uint8Array(0)), payload)
    }
  }

  test(`NoiseHandshake of ${title} refuses what is forged, and goes on with what is not`, () => {
    const forgery = fc.record({
      message: fc.nat(pattern === 'IK' ? 1 : 2),
      at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      bits: fc.integer({ min: 1, max: 255 }),
      cut: fc.boolean(),
    })
    fc.assert(
      fc.property(forgery, ({ message, at, bits, cut }) => {
        const [initiator, responder] = ends(pattern, { psks })
        for (let index = 0; !initiator.isDone || !responder.isDone; index++) {
          const [from, to] = index % 2 === 0 ? [initiator, responder] : [responder, initiator]
          const sent = from.write(Uint8Array.of(index))
          // The first message of XX is in the clear: it is the second that tells that it was forged.
          if (index === message && !(pattern === 'XX' && index === 0)) {
            const forged = Uint8Array.from(sent)
            const place = Math.floor(at * forged.length)
            forged[place] = (forged[place] as number) ^ bits
            assert.throws(() => to.read(cut ? forged.subarray(0, place) : forged), isWireError)
          }
          assert.deepEqual([...to.read(sent)], [index])
        }
        assert.equal(hex(initiator.split().send), hex(responder.split().receive))
      }),
      { numRuns: 60 },
    )
  })

  test(`NoiseHandshake of ${title} comes to nothing between ends that mean different things`, () => {
    const [initiator, responder] = ends(pattern, { psks, prologues: ['01', '02'] })
    const talk = () => {
      responder.read(initiator.write())
      initiator.read(responder.write())
    }
    assert.throws(talk, isWireError)
  })
}

test('NoiseHandshake with a key that was given before comes to nothing where one end has another key, or none', () => {
  for (const [mine, theirs] of [
    [noisePsk, '00'.repeat(32)],
    [undefined, noisePsk],
    [noisePsk, undefined],
  ] as const) {
    const [initiator, responder] = ends('IK', { psks: [mine, theirs] })
    const talk = () => {
      responder.read(initiator.write())
      initiator.read(responder.write())
    }
    assert.throws(talk, isWireError)
    assert.ok(!initiator.isDone)
  }
  assert.throws(() => ends('XX', { psks: [noisePsk, noisePsk] }), RangeError)
  assert.throws(() => ends('IK', { psks: ['00', noisePsk] }), RangeError)
})

test('NoiseHandshake tells each end the key of the other', () => {
  const [initiator, responder] = ends('XX')
  responder.read(initiator.write())
  initiator.read(responder.write())
  assert.equal(hex(initiator.peerKey ?? new Uint8Array(0)), noiseKeys.responderPublic)
  assert.equal(responder.peerKey, undefined)
  responder.read(initiator.write())
  assert.deepEqual(responder.peerKey, keyPairFrom(bytes(noiseKeys.initiator.own)).publicKey)
})

test('NoiseHandshake takes no public key with which everybody would agree', () => {
  const [, responder] = ends('IK')
  assert.throws(() => responder.read(new Uint8Array(112)), isWireError)
})

test('NoiseHandshake has each end wait for its turn', () => {
  const [initiator, responder] = ends('XX')
  assert.throws(() => responder.write(), TypeError)
  initiator.write()
  assert.throws(() => initiator.write(), TypeError)
  assert.throws(() => initiator.split(), TypeError)
})
