import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isCompatible, natTypes, type NatType } from './nat-type.ts'

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
