import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newRelayCounters } from './relay-limits.ts'
import { SharedStatus } from './shared-status.ts'

test('SharedStatus is read by the other end as it was written last, whatever was counted', () => {
  const own = new SharedStatus()
  const others = new SharedStatus(own.memory)
  assert.deepEqual(others.read(), { sessions: 0, counters: newRelayCounters() })
  const counters = newRelayCounters()
  for (const [at, name] of (Object.keys(counters) as (keyof typeof counters)[]).entries()) counters[name] = 2 ** 40 + at
  own.write({ sessions: 7, counters })
  assert.deepEqual(others.read(), { sessions: 7, counters })
})
