import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../../test/support/fast-check.ts'
import { testSeal } from '../../../../test/support/test-seal.ts'
import { type ChainLink, checkChain, nextLink } from './sealed-chain.ts'

const { key, check } = testSeal()

function chain(entries: readonly string[]): ChainLink[] {
  const links: ChainLink[] = []
  for (const entry of entries) links.push(nextLink(links.at(-1), entry, key))
  return links
}

test('checkChain finds a chain whole, also when its front was forgotten', () => {
  const links = chain(['a', 'b', 'b', '', 'ü'])
  assert.deepEqual(checkChain(links, check), { kind: 'whole', first: 1, last: 5 })
  assert.deepEqual(checkChain(links.slice(2), check), { kind: 'whole', first: 3, last: 5 })
  assert.deepEqual(checkChain([], check), { kind: 'empty' })
  assert.equal(checkChain(links, testSeal().check).kind, 'altered')
})

test('checkChain finds whatever is changed, moved, left out inside or put in', () => {
  const alter: ((links: ChainLink[], at: number) => ChainLink[])[] = [
    (links, at) => links.with(at, { ...(links[at] as ChainLink), entry: 'forged' }),
    (links, at) => links.with(at, { ...(links[at] as ChainLink), root: new Uint8Array(32) }),
    (links, at) => links.with(at, { ...(links[at] as ChainLink), signature: new Uint8Array(64) }),
    (links, at) => links.toSpliced(at, 0, links[at] as ChainLink),
    (links, at) => links.toSpliced(Math.min(at + 1, links.length - 2), 1),
    (links, at) => links.with(at, nextLink(links[at - 1], 'forged', testSeal().key)),
    (links, at) => links.map((link, index) => (index < at ? link : { ...link, number: link.number + 1 })),
  ]
  fc.assert(
    fc.property(
      fc.array(fc.string(), { minLength: 3, maxLength: 12 }),
      fc.constantFrom(...alter),
      fc.nat(),
      (entries, change, where) => {
        const links = chain(entries)
        assert.equal(checkChain(change(links, where % links.length), check).kind, 'altered')
      },
    ),
    { numRuns: 60 },
  )
})
