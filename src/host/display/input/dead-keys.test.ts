import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { baseAfter, isDeadKey } from './dead-keys.ts'

const [acute, circumflex, diaeresis, iota] = [0xfe51, 0xfe52, 0xfe57, 0xfe5d]

describe('baseAfter', () => {
  it('is the letter under the mark when the browser has composed', () => {
    assert.equal(baseAfter(acute, 'é'), 'e')
    assert.equal(baseAfter(circumflex, 'Â'), 'A')
    assert.equal(baseAfter(diaeresis, 'ÿ'), 'y')
    assert.equal(baseAfter(acute, 'ế'), undefined)
  })

  it('is the letter itself when nothing has been composed yet', () => {
    assert.equal(baseAfter(acute, 'e'), 'e')
    assert.equal(baseAfter(acute, ' '), ' ')
  })

  it('is nothing when the dead key has no part in the character', () => {
    assert.equal(baseAfter(acute, 'è'), undefined)
    assert.equal(baseAfter(acute, '´'), undefined)
    assert.equal(baseAfter(acute, 'x'), undefined)
    assert.equal(baseAfter(iota, 'e'), undefined)
  })
})

describe('isDeadKey', () => {
  it('tells dead keys from others', () => {
    assert.deepEqual([acute, iota, 0x61, 0xfe03].map(isDeadKey), [true, true, false, false])
  })
})
