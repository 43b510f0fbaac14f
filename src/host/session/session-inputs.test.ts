import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import type { InputMessage } from '../../domain/input-event.ts'
import type { SessionInput } from '../contract/stream-session.ts'
import { SessionInputs } from './session-inputs.ts'

const key = (down: boolean): InputMessage => ({ type: 'key', code: 'KeyW', key: 'w', down })
const motion: InputMessage = { type: 'pointer', x: 0.5, y: 0.5 }

function openInputs() {
  const done: string[] = []
  const inputs = new SessionInputs({
    input: (event) => void done.push(event.type),
    release: () => void done.push('released'),
  })
  return { inputs, done }
}

test('SessionInputs releases what a way holds when that ends, once', () => {
  const { inputs, done } = openInputs()
  const way = inputs.open()
  way.input(key(true))
  way.close()
  way.close()
  way.handOn()
  way.input(key(true))
  assert.deepEqual(done, ['key', 'released'])
})

test('SessionInputs hands what is held to the way that stands, whichever of them that is, and releases it with that one', () => {
  for (const order of [0, 1]) {
    const { inputs, done } = openInputs()
    const ways = [inputs.open(), inputs.open()]
    const [from, to] = order === 0 ? ways : ways.toReversed()
    from?.input(key(true))
    from?.handOn()
    assert.deepEqual(done, ['key'])
    to?.close()
    assert.deepEqual(done, ['key', 'released'])
  }
})

test('SessionInputs releases what is held when a way moves on and none stands', () => {
  const { inputs, done } = openInputs()
  const way = inputs.open()
  way.input(key(true))
  way.handOn()
  assert.deepEqual(done, ['key', 'released'])
})

test('SessionInputs leaves what one way holds alone when the other ends', () => {
  const { inputs, done } = openInputs()
  const [former, now] = [inputs.open(), inputs.open()]
  former.input(key(true))
  now.input({ type: 'release-all' })
  now.input(key(true))
  former.input(motion)
  former.close()
  assert.deepEqual(done, ['key', 'release-all', 'key', 'pointer'], 'a late motion takes nothing back')
  now.close()
  assert.equal(done.at(-1), 'released')
})

test('SessionInputs keeps what was held with its way when the session refuses what comes by another', () => {
  const done: string[] = []
  let refuses = false
  const inputs = new SessionInputs({
    input() {
      if (refuses) throw new Error('no')
    },
    release: () => void done.push('released'),
  })
  const [one, other] = [inputs.open(), inputs.open()]
  one.input(key(true))
  refuses = true
  assert.throws(() => other.input(key(true)))
  other.close()
  assert.deepEqual(done, [])
  one.close()
  assert.deepEqual(done, ['released'])
})

test('SessionInputs holds nothing any more when no way is left, whatever they do', () => {
  const step = fc.tuple(fc.nat(3), fc.constantFrom('open', 'press', 'hand on', 'close'))
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      let isHeld = false
      const inputs = new SessionInputs({
        input: () => void (isHeld = true),
        release() {
          assert.ok(isHeld, 'nothing is released twice')
          isHeld = false
        },
      })
      const ways: SessionInput[] = []
      for (const [index, what] of steps) {
        const way = ways[index]
        if (what === 'open' && ways.length < 4) ways.push(inputs.open())
        else if (what === 'press') way?.input(key(true))
        else if (what === 'hand on') way?.handOn()
        else if (what === 'close') way?.close()
      }
      for (const way of ways) way.close()
      assert.equal(isHeld, false)
    }),
  )
})
