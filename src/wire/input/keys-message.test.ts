import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { WireError } from '../wire-error.ts'
import { keysChannel } from './channels.ts'
import { decodeKeysMessage, encodeKeysMessage, maxTextBytes, splitText, type KeysMessage } from './keys-message.ts'

const name = fc.oneof(
  fc.constantFrom('KeyA', 'Enter', 'ß', 'é', '𝄞', ''),
  fc.string({ unit: 'grapheme-ascii', maxLength: 32 }),
)
const fraction = fc.nat(0xffff).map((n) => n / 0xffff)
const amount = (limit: number) => fc.float({ min: -limit, max: limit, noNaN: true }).map((n) => n + 0)
const plain = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record(model, { noNullPrototype: true })

const message: fc.Arbitrary<KeysMessage> = fc.oneof(
  plain({ type: fc.constant('key' as const), code: name, key: name, down: fc.boolean() }),
  plain({ type: fc.constantFrom('gamepad-connect' as const, 'gamepad-disconnect' as const), pad: fc.nat(3) }),
  plain({ type: fc.constant('text' as const), text: fc.string({ unit: 'grapheme', maxLength: 300 }) }),
  plain({ type: fc.constant('pointer' as const), x: fraction, y: fraction }),
  plain({ type: fc.constant('pointer-relative' as const), dx: amount(8192), dy: amount(8192) }),
  fc
    .tuple(
      fc.constantFrom('left' as const, 'middle' as const, 'right' as const, 'back' as const, 'forward' as const),
      fc.boolean(),
      fc.option(fc.tuple(fraction, fraction), { nil: undefined }),
    )
    .map(([button, down, at]) => ({ type: 'button' as const, button, down, x: at?.[0], y: at?.[1] })),
  plain({ type: fc.constant('wheel' as const), dx: amount(100), dy: amount(100) }),
  fc.constant({ type: 'release-all' as const }),
)

test('decodeKeysMessage gives back what encodeKeysMessage wrote', () => {
  fc.assert(
    fc.property(message, (written) => {
      const bytes = encodeKeysMessage(written)
      assert.ok(bytes.length <= keysChannel.maxMessageBytes)
      assert.deepEqual(decodeKeysMessage(bytes), written)
    }),
    { numRuns: 1000 },
  )
})

test('encodeKeysMessage writes the bytes of its layout', () => {
  const golden: [KeysMessage, number[]][] = [
    [{ type: 'key', code: 'KeyQ', key: 'ä', down: true }, [1, 1, 4, 0x4b, 0x65, 0x79, 0x51, 2, 0xc3, 0xa4]],
    [{ type: 'text', text: 'a€' }, [2, 0x61, 0xe2, 0x82, 0xac]],
    [{ type: 'button', button: 'right', down: true, x: 1, y: 0.5 }, [3, 3, 2, 0xff, 0xff, 0x80, 0x00]],
    [{ type: 'button', button: 'left', down: false, x: undefined, y: undefined }, [3, 0, 0, 0, 0, 0, 0]],
    [{ type: 'wheel', dx: 0, dy: -1.5 }, [4, 0, 0, 0, 0, 0xbf, 0xc0, 0, 0]],
    [{ type: 'release-all' }, [5]],
    [{ type: 'pointer', x: 0, y: 1 }, [6, 0, 0, 0xff, 0xff]],
    [{ type: 'gamepad-connect', pad: 3 }, [9, 3]],
    [{ type: 'gamepad-disconnect', pad: 0 }, [10, 0]],
  ]
  for (const [value, bytes] of golden) assert.deepEqual(Array.from(encodeKeysMessage(value)), bytes)
})

test('encodeKeysMessage clamps what is too large and refuses what is no number or too long', () => {
  const decoded = (value: KeysMessage) => decodeKeysMessage(encodeKeysMessage(value))
  assert.deepEqual(decoded({ type: 'wheel', dx: 1e9, dy: -1e9 }), { type: 'wheel', dx: 100, dy: -100 })
  assert.deepEqual(decoded({ type: 'pointer', x: -3, y: 7 }), { type: 'pointer', x: 0, y: 1 })
  assert.throws(() => encodeKeysMessage({ type: 'wheel', dx: NaN, dy: 0 }), { code: 'out-of-range' })
  assert.throws(() => encodeKeysMessage({ type: 'pointer', x: Infinity, y: 0 }), { code: 'out-of-range' })
  assert.throws(() => encodeKeysMessage({ type: 'text', text: '€'.repeat(1366) }), { code: 'too-long' })
  assert.throws(() => encodeKeysMessage({ type: 'key', code: 'x'.repeat(33), key: '', down: true }), {
    code: 'too-long',
  })
})

test('decodeKeysMessage refuses what the layout does not allow', () => {
  const refused: [number[], string][] = [
    [[], 'too-short'],
    [[0], 'unknown-type'],
    [[8], 'unknown-type'],
    [[1], 'too-short'],
    [[1, 1, 4, 0x4b], 'too-short'],
    [[1, 1, 1, 0x4b, 1, 0x51, 0], 'malformed'],
    [[1, 1, 33, ...Array<number>(33).fill(0x61), 0], 'too-long'],
    [[1, 1, 1, 0xff, 0], 'malformed'],
    [[2, 0xc3], 'malformed'],
    [[2, ...Array<number>(maxTextBytes + 1).fill(0x61)], 'too-long'],
    [[3, 0, 5, 0, 0, 0, 0], 'malformed'],
    [[4, 0x7f, 0xc0, 0, 0, 0, 0, 0, 0], 'out-of-range'],
    [[4, 0, 0, 0, 0, 0x7f, 0x80, 0, 0], 'out-of-range'],
    [[5, 0], 'malformed'],
  ]
  for (const [bytes, code] of refused) {
    assert.throws(() => decodeKeysMessage(Uint8Array.from(bytes)), { name: 'WireError', code }, String(bytes))
  }
})

test('decodeKeysMessage throws only WireError when the bytes are random', () => {
  const bytes = fc
    .tuple(fc.nat(9), fc.uint8Array({ maxLength: 40 }))
    .map(([first, rest]) => Uint8Array.of(first, ...rest))
  fc.assert(
    fc.property(bytes, (input) => {
      try {
        decodeKeysMessage(input)
      } catch (error) {
        assert.ok(error instanceof WireError)
      }
    }),
    { numRuns: 2000 },
  )
})

test('splitText cuts long text into messages that fit and together say the same', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }), fc.nat(400), (unit, count) => {
      const text = unit.repeat(count)
      const received = splitText(text).map((piece) =>
        decodeKeysMessage(encodeKeysMessage({ type: 'text', text: piece })),
      )
      assert.equal(received.map((part) => (part.type === 'text' ? part.text : '')).join(''), text)
    }),
  )
})
