import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../test/support/fast-check.ts'
import { TimerHeap, type DueCall } from './timer-heap.ts'

test('TimerHeap gives calls in order of time, then of their making, whatever was added and taken out between', () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('add' as const), atMs: fc.nat(20) }),
    fc.record({ do: fc.constant('cancel' as const), which: fc.nat(40) }),
    fc.record({ do: fc.constant('take' as const) }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const heap = new TimerHeap()
      const cancels: { readonly call: DueCall; readonly cancel: () => void }[] = []
      let waiting: DueCall[] = []
      const soonest = () => waiting.toSorted((a, b) => a.atMs - b.atMs || a.order - b.order)[0]
      for (const next of steps) {
        if (next.do === 'add') {
          const call = { atMs: next.atMs, order: cancels.length, call() {} }
          cancels.push({ call, cancel: heap.add(call) })
          waiting.push(call)
        } else if (next.do === 'cancel') {
          const one = cancels[next.which]
          one?.cancel()
          waiting = waiting.filter(({ order }) => order !== one?.call.order)
        } else {
          const expected = soonest()
          assert.equal(heap.takeFirst()?.order, expected?.order)
          waiting = waiting.filter(({ order }) => order !== expected?.order)
        }
        assert.equal(heap.size, waiting.length)
        assert.equal(heap.first?.order, soonest()?.order)
      }
    }),
  )
})
