import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeControl, encodeControl, frameHeaderBytes } from '../../os/child/frame.ts'
import type { SourceSpec } from '../contract/producer.ts'
import { checkSource, parseOrder, parseReport } from './messages.ts'

const screen = { kind: 'x11', display: ':1', authorityFile: '/a', fps: 60, sound: undefined } as const
const card = { kind: 'test-pattern', width: 640, height: 360, fps: 30, title: 't', lines: [], tone: undefined } as const

const throughTheWire = (message: unknown) => decodeControl(encodeControl(message).subarray(frameHeaderBytes))

test('parseOrder gives what was sent, undefined parts included', () => {
  const sound = { server: 'unix:/s', cookieFile: undefined, source: 'x.monitor', layout: '5.1' } as const
  for (const spec of [screen, card, { ...screen, sound }] satisfies SourceSpec[]) {
    const order = { type: 'open-source', source: 1, spec }
    assert.deepEqual(parseOrder(throughTheWire(order)), order)
  }
})

test('parseOrder and parseReport refuse what nobody says', () => {
  const orders = [
    null,
    7,
    {},
    { type: 'fly' },
    { type: 'close-source', source: -1 },
    { type: 'sound', source: 1, on: 'yes' },
  ]
  for (const order of orders) assert.throws(() => parseOrder(order), { code: 'protocol-violation' })
  for (const report of [[], { type: 'hello' }, { type: 'log', level: 'loud', message: '' }]) {
    assert.throws(() => parseReport(report), { code: 'protocol-violation' })
  }
})

test('checkSource says which part of a source is wrong', () => {
  assert.doesNotThrow(() => checkSource(screen))
  assert.throws(() => checkSource({ ...card, fps: 0 }), { code: 'bad-source', message: /"fps"/ })
  assert.throws(() => checkSource({ ...card, lines: Array.from({ length: 7 }, () => '') }), { code: 'bad-source' })
  assert.throws(() => checkSource({ ...screen, fps: Number.NaN }), { code: 'bad-source' })
})
