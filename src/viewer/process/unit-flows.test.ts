import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import type { AccessUnit } from '../../media/contract/access-unit.ts'
import { UnitFlows, type FlowAddress } from './unit-flows.ts'

const hd = { width: 1280, height: 720 }
const one: FlowAddress = { media: 1, source: 1, rendition: 1 }
const other: FlowAddress = { media: 2, source: 7, rendition: 3 }

const picture = (key: boolean, captureUs: number, size = hd, bytes = 1): AccessUnit => ({
  codec: 'h264',
  key,
  captureUs,
  encodedUs: captureUs,
  ...size,
  data: new Uint8Array(bytes),
})

function open() {
  const given: string[] = []
  const flows = new UnitFlows({
    video: (viewer, { key, captureUs }) => given.push(`${viewer}:${key ? 'K' : 'p'}${captureUs}`),
    missed: (viewer) => given.push(`${viewer}:missed`),
  })
  const send = (address: FlowAddress, number: number, key = false, size = hd, bytes = 1) =>
    flows.video(address.media, { ...address, number, unit: picture(key, number, size, bytes) })
  const take = () => given.splice(0).join(' ')
  return { flows, send, take }
}

test('UnitFlows gives a viewer pictures from the one that was named, said before it comes or after', () => {
  const { flows, send, take } = open()
  flows.route(1, { ...one, from: 2, size: hd })
  send(one, 0, true)
  send(one, 1)
  send(one, 2, true)
  send(one, 3)
  flows.route(2, { ...one, from: 2, size: hd })
  assert.equal(take(), '1:K2 1:p3 2:K2 2:p3')
  send(one, 4)
  assert.equal(take(), '1:p4 2:p4')
})

test('UnitFlows moves a viewer from one flow to another, and stops where it is told to', () => {
  const { flows, send, take } = open()
  flows.route(1, { ...one, from: 0, size: hd })
  send(one, 0, true)
  send(other, 0, true)
  send(one, 1)
  send(other, 1)
  flows.route(1, { ...other, from: 0, size: hd })
  send(one, 2)
  send(other, 2)
  assert.equal(take(), '1:K0 1:p1 1:K0 1:p1 1:p2')
  flows.halt(1)
  send(other, 3)
  assert.equal(take(), '')
})

test('UnitFlows hands on nothing behind a gap before the next key picture', () => {
  const { flows, send, take } = open()
  flows.route(1, { ...one, from: 0, size: hd })
  send(one, 0, true)
  send(one, 2)
  send(one, 3)
  send(one, 6, true)
  send(one, 7)
  assert.equal(take(), '1:K0 1:K6 1:p7')
})

test('UnitFlows keeps pictures of another size back until the server says who takes them', () => {
  const { flows, send, take } = open()
  const small = { width: 640, height: 360 }
  flows.route(1, { ...one, from: 0, size: hd })
  send(one, 0, true)
  send(one, 1, true, small)
  send(one, 2, false, small)
  assert.equal(take(), '1:K0')
  flows.route(1, { ...one, from: 1, size: small })
  assert.equal(take(), '1:K1 1:p2')
})

test('UnitFlows keeps a bounded number of pictures, and says who has missed the first one', () => {
  for (const bytes of [1, 100_000]) {
    const { flows, send, take } = open()
    send(one, 0, true, hd, bytes)
    for (let number = 1; number < 70; number++) send(one, number, false, hd, bytes)
    flows.route(1, { ...one, from: 0, size: hd })
    assert.equal(take(), '1:missed')
    send(one, 70)
    send(one, 71, true)
    assert.equal(take(), '1:K71')
  }
})

test('UnitFlows forgets what has ended: a flow, and all of a media process', () => {
  const { flows, send, take } = open()
  flows.route(1, { ...one, from: 0, size: hd })
  flows.route(2, { ...other, from: 0, size: hd })
  send(one, 0, true)
  send(other, 0, true)
  flows.over(one)
  flows.lost(other.media)
  take()
  send(one, 1)
  send(other, 1)
  assert.equal(take(), '')
})

test('UnitFlows lets who was sent on wait, though the end of what was before comes after that word', () => {
  for (const end of ['over', 'lost'] as const) {
    const { flows, send, take } = open()
    send(one, 0, true)
    flows.route(1, { ...one, from: 5, size: hd })
    if (end === 'over') flows.over(one)
    else flows.lost(one.media)
    send(one, 5, true)
    assert.equal(take(), '1:K5')
  }
})

/** What may happen, in any order. */
const event = fc.oneof(
  fc.record({ kind: fc.constant('picture' as const), flow: fc.nat(1), key: fc.boolean(), skip: fc.boolean() }),
  fc.record({ kind: fc.constant('route' as const), flow: fc.nat(1), viewer: fc.nat(2), ago: fc.nat(5) }),
  fc.record({ kind: fc.constant('halt' as const), viewer: fc.nat(2) }),
  fc.record({ kind: fc.constant('over' as const), flow: fc.nat(1) }),
)

test('whatever happens, a viewer never gets a picture without all before it up to a key picture', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      const last = new Map<number, number>()
      const flows = new UnitFlows({
        video(viewer, { key, captureUs }) {
          if (!key) assert.equal(captureUs, (last.get(viewer) ?? Number.NaN) + 1)
          last.set(viewer, captureUs)
        },
        missed() {},
      })
      const numbers = [0, 0]
      const addresses = [one, other]
      for (const each of events) {
        const address = 'flow' in each ? (addresses[each.flow] ?? one) : one
        if (each.kind === 'halt') flows.halt(each.viewer)
        else if (each.kind === 'over') flows.over(address)
        else if (each.kind === 'route') {
          const from = Math.max(0, (numbers[each.flow] ?? 0) - each.ago)
          flows.route(each.viewer, { ...address, from, size: hd })
        } else {
          const number = (numbers[each.flow] ?? 0) + (each.skip ? 1 : 0)
          numbers[each.flow] = number + 1
          // Of the second flow they are told apart by large numbers.
          const unit = picture(each.key, number + each.flow * 1_000_000)
          flows.video(address.media, { ...address, number, unit })
        }
      }
    }),
  )
})
