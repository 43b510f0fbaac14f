import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isCompatible, natTypes, punches, type NatType } from './nat-type.ts'

/** Seed 002, appendix, as it stands there. */
const seed: Readonly<Record<NatType, readonly NatType[]>> = {
  open: ['open', 'full_cone', 'restricted_cone', 'port_restricted_cone', 'symmetric'],
  full_cone: ['open', 'full_cone', 'restricted_cone', 'port_restricted_cone'],
  restricted_cone: ['open', 'full_cone', 'restricted_cone'],
  port_restricted_cone: ['open', 'full_cone'],
  symmetric: ['open'],
  unknown: [],
}

test('who connects with whom is what the seed says, to the letter', () => {
  for (const mine of natTypes) {
    assert.deepEqual(
      natTypes.filter((theirs) => isCompatible(mine, theirs)),
      natTypes.filter((theirs) => seed[mine].includes(theirs)),
      mine,
    )
  }
})

test('holes are punched between all but the two strictest, either way round', () => {
  const known = natTypes.filter((type) => type !== 'unknown')
  const denied = known.flatMap((mine) =>
    known.filter((theirs) => !punches(mine, theirs)).map((theirs) => [mine, theirs]),
  )
  assert.deepEqual(denied, [
    ['port_restricted_cone', 'symmetric'],
    ['symmetric', 'port_restricted_cone'],
    ['symmetric', 'symmetric'],
  ])
  assert.ok(natTypes.every((type) => !punches(type, 'unknown') && !punches('unknown', type)))
})
