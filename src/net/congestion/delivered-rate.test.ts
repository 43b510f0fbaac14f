import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DeliveredRate } from './delivered-rate.ts'

const delayUs = 20_000

test('DeliveredRate is what arrived in its window, gaps included', () => {
  const rate = new DeliveredRate()
  assert.equal(rate.rateBps(1_000_000), undefined)
  for (let ms = 0; ms <= 2000; ms += 10) rate.add(ms * 1000, ms * 1000 + delayUs, ms < 1500 ? 1250 : 625)
  assert.ok(Math.abs((rate.rateBps(400_000) as number) - 500_000) < 20_000)
  assert.ok(Math.abs((rate.rateBps(1_000_000) as number) - 750_000) < 20_000)
})

test('DeliveredRate is unknown before half of the window has passed', () => {
  const rate = new DeliveredRate()
  for (let ms = 0; ms < 400; ms += 10) rate.add(ms * 1000, ms * 1000, 1000)
  assert.equal(rate.rateBps(1_000_000), undefined)
  assert.ok(rate.rateBps(500_000))
})

test('DeliveredRate measures what the path carries while packets wait for each other, though the sender pauses', () => {
  const rate = new DeliveredRate()
  // Every 100 ms a burst of ten packets that leave the narrow part 4 ms apart: 2 Mbit/s for 40 ms.
  for (let burst = 0; burst < 10; burst++) {
    for (let index = 0; index < 10; index++) {
      rate.add(burst * 100_000, burst * 100_000 + delayUs + (index + 1) * 4000, 1000)
    }
  }
  assert.ok(Math.abs((rate.busyRateBps(300_000, delayUs) as number) - 2e6) < 100_000)
  assert.ok((rate.rateBps(500_000) as number) < 1e6)
})

test('DeliveredRate leaves a single long gap out of the busy time', () => {
  const rate = new DeliveredRate()
  for (let index = 0; index < 40; index++) {
    const pauseUs = index >= 30 ? 90_000 : 0
    rate.add(index * 2000, delayUs + (index + 1) * 4000 + pauseUs, 1000)
  }
  assert.ok(Math.abs((rate.busyRateBps(150_000, delayUs) as number) - 2e6) < 100_000)
})

test('DeliveredRate does not know the capacity of a path on which nothing ever waits', () => {
  const rate = new DeliveredRate()
  for (let ms = 0; ms < 1000; ms += 10) rate.add(ms * 1000, ms * 1000 + delayUs, 1000)
  assert.equal(rate.busyRateBps(300_000, delayUs), undefined)
})
