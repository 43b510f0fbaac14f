import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isIn, userRange } from './user-range.ts'

const everything = '         0          0 4294967295\n'

test('userRange gives each host numbers that nobody else takes, the same ones every time', () => {
  const one = userRange('a', everything) ?? assert.fail()
  assert.deepEqual(userRange('a', everything), one)
  assert.ok(one.first >= 0x70000000 && one.first + one.count <= 2 ** 31, `${one.first}`)
  assert.notEqual(userRange('a copy of it', everything)?.first, one.first)
  assert.ok(isIn(one, one.first) && isIn(one, one.first + one.count - 1))
  assert.ok(!isIn(one, one.first - 1) && !isIn(one, one.first + one.count) && !isIn(one, 0))
})

test('userRange takes numbers that a container has, and none where there are none', () => {
  assert.deepEqual(userRange('a', '0 100000 65536\n'), { first: 61_184, count: 4096 })
  assert.equal(userRange('a', '0 1000 1\n1 100000 1000\n'), undefined)
  assert.equal(userRange('a', ''), undefined)
})
