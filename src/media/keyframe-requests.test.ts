import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../test/support/fast-check.ts'
import { ManualClock } from '../kernel/manual-clock.ts'
import { KeyframeRequests } from './keyframe-requests.ts'

function setUp(): { clock: ManualClock; requests: KeyframeRequests; asked: number[] } {
  const clock = new ManualClock()
  const asked: number[] = []
  return { clock, asked, requests: new KeyframeRequests(clock, () => asked.push(clock.nowMs())) }
}

test('KeyframeRequests asks at once, and only once while the picture is on its way', () => {
  const { clock, requests, asked } = setUp()
  for (let wish = 0; wish < 10; wish++) {
    requests.request('loss')
    requests.request('join')
    clock.advance(1)
  }
  assert.deepEqual(asked, [0])
})

test('KeyframeRequests keeps a distance, a shorter one for a viewer that joins', () => {
  const { clock, requests, asked } = setUp()
  requests.request('loss')
  requests.came()
  clock.advance(10)
  requests.request('loss')
  clock.advance(389)
  assert.deepEqual(asked, [0])
  clock.advance(1)
  assert.deepEqual(asked, [0, 400])
  requests.came()
  requests.request('loss')
  clock.advance(20)
  requests.request('join')
  clock.advance(80)
  assert.deepEqual(asked, [0, 400, 500])
})

test('KeyframeRequests forgets a wish that a key picture has met before its time', () => {
  const { clock, requests, asked } = setUp()
  requests.request('join')
  requests.came()
  requests.request('join')
  requests.came()
  clock.advance(10_000)
  assert.deepEqual(asked, [0])
  assert.equal(clock.pending, 0)
})

test('KeyframeRequests asks again for a picture that does not come', () => {
  const { clock, requests, asked } = setUp()
  requests.request('loss')
  clock.advance(999)
  requests.request('loss')
  clock.advance(1)
  requests.request('loss')
  assert.deepEqual(asked, [0, 1000])
})

test('KeyframeRequests meets every wish, and never more than ten times a second', () => {
  const events = fc.array(fc.tuple(fc.constantFrom('join' as const, 'loss' as const, 'came' as const), fc.nat(150)))
  fc.assert(
    fc.property(events, (happenings) => {
      const { clock, requests, asked } = setUp()
      let wished: number | undefined
      for (const [event, laterMs] of happenings) {
        if (event === 'came') {
          requests.came()
          wished = undefined
        } else {
          requests.request(event)
          wished ??= clock.nowMs()
        }
        clock.advance(laterMs)
      }
      clock.advance(500)
      const last = asked.at(-1) ?? -Infinity
      assert.ok(wished === undefined || last >= wished || wished - last < 1_000)
      for (const [index, atMs] of asked.entries()) {
        if (index >= 10) assert.ok(atMs - (asked[index - 10] ?? 0) >= 900)
      }
    }),
  )
})
