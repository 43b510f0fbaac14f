import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../test/support/fast-check.ts'
import { Suspicion } from './suspicion.ts'

const minuteMs = 60_000
const there = (...suspects: string[]) => ({ suspects, proved: false })

test('Suspicion shuts out who was seen to do it, the second time', () => {
  const suspicion = new Suspicion()
  assert.deepEqual(suspicion.incident({ suspects: ['eve'], proved: true }, 0), [])
  assert.equal(suspicion.standing('eve', 0), 'good')
  assert.deepEqual(suspicion.incident({ suspects: ['eve'], proved: true }, 1000), ['eve'])
  assert.equal(suspicion.standing('eve', 100 * minuteMs), 'shut-out')
})

test('Suspicion counts what harmed nobody like what did', () => {
  const suspicion = new Suspicion()
  assert.equal(suspicion.offence('eve'), false)
  assert.deepEqual(suspicion.incident({ suspects: ['eve'], proved: true }, 60 * minuteMs), ['eve'])
})

test('Suspicion shuts out nobody for having been there, but bars who was there every time from the wire', () => {
  const suspicion = new Suspicion()
  for (let atMs = 0; atMs < 5000; atMs += 1000) assert.deepEqual(suspicion.incident(there('eve'), atMs), [])
  assert.equal(suspicion.standing('eve', 100 * minuteMs), 'barred')
  assert.equal(suspicion.standing('bob', 100 * minuteMs), 'good')
})

test('Suspicion forgets who was only there, after a quiet while', () => {
  const suspicion = new Suspicion()
  suspicion.incident(there('eve'), 0)
  suspicion.incident(there('eve'), 11 * minuteMs)
  assert.equal(suspicion.standing('eve', 11 * minuteMs), 'good')
})

test('Suspicion lets half of the members wait, and only for a while', () => {
  const suspicion = new Suspicion()
  suspicion.incident(there('a', 'b', 'c', 'd'), 0)
  const waiting = (atMs: number) => ['a', 'b', 'c', 'd'].filter((one) => suspicion.standing(one, atMs) === 'waiting')
  assert.equal(waiting(1000).length, 2)
  assert.equal(waiting(21_000).length, 0)
})

test('Suspicion finds the one who does it whenever they may, in few incidents', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.nat(), (count, pick) => {
      const members = Array.from({ length: count }, (_, index) => `member ${index}`)
      const guilty = members[pick % count] as string
      const suspicion = new Suspicion()
      let nowMs = 0
      let incidents = 0
      while (suspicion.standing(guilty, nowMs) !== 'barred') {
        assert.ok(incidents <= 3 + 3 * Math.ceil(Math.log2(count)), `${incidents} incidents with ${count} members`)
        // Whoever may be there is there; the one waits only for being let in.
        if (suspicion.standing(guilty, nowMs) === 'good') {
          const present = members.filter((member) => suspicion.standing(member, nowMs) === 'good')
          suspicion.incident(there(...present), nowMs)
          incidents++
        }
        nowMs += 1000
      }
      for (const member of members) if (member !== guilty) assert.notEqual(suspicion.standing(member, nowMs), 'barred')
    }),
  )
})
