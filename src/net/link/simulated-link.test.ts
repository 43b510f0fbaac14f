import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededRandom } from '../../kernel/seeded-random.ts'
import { SimulatedLink, type LinkConditions } from './simulated-link.ts'

function arrivals<T>(link: SimulatedLink<T>, nowUs: number): { datagram: T; arrivalUs: number }[] {
  const arrived: { datagram: T; arrivalUs: number }[] = []
  for (let next = link.receive(nowUs); next; next = link.receive(nowUs)) arrived.push(next)
  return arrived
}

test('SimulatedLink delivers at its rate, after its delay, and not before', () => {
  const link = new SimulatedLink<number>({ rateBps: 8e6, delayUs: 20_000 }, 1)
  for (let number = 0; number < 3; number++) link.send(number, 1000, 0)
  assert.equal(link.queueUs(0), 3000)
  assert.equal(link.nextArrivalUs, 21_000)
  assert.deepEqual(arrivals(link, 20_999), [])
  assert.deepEqual(arrivals(link, 22_000), [
    { datagram: 0, arrivalUs: 21_000 },
    { datagram: 1, arrivalUs: 22_000 },
  ])
})

test('SimulatedLink loses what finds its queue full, and no more', () => {
  const link = new SimulatedLink<number>({ rateBps: 8e6, queueUs: 10_000 }, 1)
  const sent = Array.from({ length: 20 }, (_, number) => link.send(number, 1000, 0))
  assert.equal(sent.filter(Boolean).length, 11)
  assert.equal(link.lost, 9)
  assert.equal(link.send(99, 1000, 5000), true)
})

test('SimulatedLink loses the share that it was told to, the same packets for the same seed', () => {
  const pattern = (seed: number, jitterUs: number) => {
    const link = new SimulatedLink<number>({ lossRatio: 0.1, jitterUs }, seed)
    return Array.from({ length: 5000 }, (_, number) => link.send(number, 1000, number * 1000))
  }
  assert.deepEqual(pattern(3, 0), pattern(3, 5000))
  assert.notDeepEqual(pattern(3, 0), pattern(4, 0))
  const lost = pattern(3, 0).filter((isSent) => !isSent).length
  assert.ok(lost > 400 && lost < 600)
})

test('SimulatedLink keeps datagrams in order when they are delayed by different amounts', () => {
  const link = new SimulatedLink<number>({ jitterUs: 50_000 }, 5)
  for (let number = 0; number < 3000; number++) link.send(number, 100, number * 1000)
  const arrived = arrivals(link, 10_000_000)
  assert.deepEqual(
    arrived.map(({ datagram }) => datagram),
    Array.from({ length: 3000 }, (_, number) => number),
  )
  assert.ok(
    arrived.every(({ datagram, arrivalUs }) => arrivalUs >= datagram * 1000 && arrivalUs <= datagram * 1000 + 50_000),
  )
})

test('SimulatedLink loses in bursts, brings some late and some twice, and the same ones for the same seed', () => {
  const pattern = (conditions: Partial<LinkConditions>) => {
    const link = new SimulatedLink<number>({ delayUs: 1000, ...conditions }, 6)
    for (let number = 0; number < 5000; number++) link.send(number, 100, number * 1000)
    return arrivals(link, 1e9).map(({ datagram }) => datagram)
  }
  const rough = { lossRatio: 0.05, lossBurst: 5, reorderRatio: 0.1, duplicateRatio: 0.1 }
  assert.deepEqual(pattern(rough), pattern(rough))
  const came = pattern({ lossRatio: 0.05, lossBurst: 5 })
  const bursts = came.filter((datagram, index) => datagram !== (came[index - 1] ?? -1) + 1).length
  const lost = 5000 - came.length
  assert.ok(lost > 150 && lost < 350, `${lost}`)
  assert.ok(lost / bursts > 3 && lost / bursts < 7, `${lost / bursts}`)
  const late = pattern({ reorderRatio: 0.1 })
  assert.equal(new Set(late).size, 5000)
  assert.ok(late.some((datagram, index) => datagram < (late[index - 1] ?? 0)))
  const twice = pattern({ duplicateRatio: 0.1 }).length - 5000
  assert.ok(twice > 400 && twice < 600, `${twice}`)
})

test('SimulatedLink changes its rate for what is sent after the change', () => {
  const link = new SimulatedLink<number>({ rateBps: 8e6 }, 1)
  link.send(0, 1000, 0)
  link.conditions.rateBps = 800_000
  link.send(1, 1000, 0)
  assert.deepEqual(
    arrivals(link, 1e6).map(({ arrivalUs }) => arrivalUs),
    [1000, 11_000],
  )
})

test('seededRandom is spread evenly over 0 to 1', () => {
  const random = seededRandom(9)
  const values = Array.from({ length: 10_000 }, random)
  assert.ok(values.every((value) => value >= 0 && value < 1))
  assert.ok(Math.abs(values.reduce((sum, value) => sum + value, 0) / values.length - 0.5) < 0.02)
})
