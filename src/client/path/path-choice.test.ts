import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { choosePath } from './path-choice.ts'
import type { RouteProgress } from './route.ts'

const peers: RouteProgress[] = ['none', 'opening', 'open', 'shows', 'doubtful', 'silent']
const webs: RouteProgress[] = ['impossible', 'none', 'opening', 'shows']

test('choosePath never takes a path that shows nothing while one that does is there', () => {
  const [first, second] = [0, 1]
  for (const peer of peers) {
    for (const web of webs) {
      const { carrier, wanted } = choosePath([peer, web])
      const stands = peer === 'doubtful' ? first : undefined
      if (peer === 'shows') assert.deepEqual([carrier, ...wanted], [first, true, false])
      else if (web === 'shows') assert.deepEqual([carrier, ...wanted], [second, true, true])
      else if (web === 'impossible') {
        assert.deepEqual([carrier, ...wanted], [peer === 'open' ? first : stands, true, false])
      } else assert.deepEqual([carrier, ...wanted], [stands, true, true])
    }
  }
})

test('choosePath takes the best of however many routes that show, and wants none below it and each above it that can be', () => {
  const progress = fc.constantFrom<RouteProgress[]>(
    'impossible',
    'none',
    'opening',
    'open',
    'shows',
    'doubtful',
    'silent',
  )
  fc.assert(
    fc.property(fc.array(progress, { maxLength: 5 }), (ranked) => {
      const { carrier, wanted } = choosePath(ranked)
      const showing = ranked.indexOf('shows')
      if (showing >= 0) assert.equal(carrier, showing)
      else if (carrier !== undefined) assert.match(ranked[carrier] ?? '', /^(doubtful|open)$/)
      for (const [place, one] of ranked.entries()) {
        assert.equal(wanted[place], one !== 'impossible' && (showing < 0 || place <= showing))
      }
    }),
  )
})
