import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ParityShare } from './parity-share.ts'

test('ParityShare rises at once with the losses, and falls after ten seconds without need', () => {
  const share = new ParityShare()
  assert.equal(share.percent, 10)
  assert.equal(share.update(0.06, 0), 10)
  assert.equal(share.percent, 20)
  assert.equal(share.update(0.5, 100_000), 20)
  assert.equal(share.percent, 50, 'never more than half')
  assert.equal(share.update(0, 5_000_000), undefined)
  assert.equal(share.update(0.3, 9_000_000), undefined, 'it is needed again')
  assert.equal(share.update(0, 18_900_000), undefined)
  assert.equal(share.update(0, 19_000_000), 50)
  assert.equal(share.percent, 5)
})

test('ParityShare beside resends is nothing while nothing is lost', () => {
  const share = new ParityShare({ isOnly: false })
  assert.equal(share.percent, 0)
  assert.equal(share.update(0, 0), undefined)
  assert.equal(share.update(0.03, 1000), 0)
  assert.equal(share.percent, 10)
  assert.equal(share.update(0, 11_000_000), 10)
  assert.equal(share.percent, 0)
})

test('ParityShare does not fall before it has seen ten calm seconds', () => {
  const share = new ParityShare()
  assert.equal(share.update(0, 100_000_000), undefined)
  assert.equal(share.update(0, 110_000_000), 10)
})

test('ParityShare rises by a step for pictures that are lost in spite of it, once a second', () => {
  const share = new ParityShare()
  assert.equal(share.update(0.01, 0), undefined)
  assert.equal(share.tooLittle(100_000), 10)
  assert.equal(share.percent, 20)
  assert.equal(share.tooLittle(900_000), undefined, 'what was sent before has no more of it')
  assert.equal(share.tooLittle(1_100_000), 20)
  assert.equal(share.update(0.01, 11_000_000), undefined)
  assert.equal(share.update(0.01, 11_200_000), 35)
  assert.equal(share.percent, 5)
})
