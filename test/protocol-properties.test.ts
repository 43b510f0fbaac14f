import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from './support/fast-check.ts'
import { Monitor, planMonitor } from '../src/kernel/monitor/monitor.ts'
import { ProtocolViolation } from '../src/kernel/monitor/protocol-violation.ts'
import { explore } from '../src/kernel/protocol/points.ts'
import type { LocalType } from '../src/kernel/protocol/local-type.ts'
import type { Protocol } from '../src/kernel/protocol/protocol.ts'
import { type Deed, runAsynchronously } from './support/asynchronous-run.ts'
import { crashingProtocol, mortal } from './support/crashing-protocol.ts'
import { exploreAll } from './support/explore-all.ts'
import { actionOf } from './support/local-interpreter.ts'
import { randomProtocol } from './support/random-protocol.ts'
import { wildProtocol } from './support/wild-protocol.ts'

const anyProtocol = () => fc.oneof(randomProtocol(), wildProtocol())
const picks = () =>
  fc.infiniteStream(fc.nat(1 << 16)).map((stream) => (below: number) => Number(stream.next().value) % below)

test('a protocol that projects never gets stuck, surprises or starves a role, nor leaves a message, whatever the schedule', () => {
  fc.assert(
    fc.property(wildProtocol(), fc.integer({ min: 1, max: 2 }), (source, capacity) => {
      assert.equal(exploreAll(source, capacity, 1500), undefined)
    }),
    { numRuns: 500 },
  )
})

test('a protocol with branches for losses and delays never gets stuck, surprises or starves a role, whenever one is lost and whatever is late', () => {
  let losses = 0
  let delays = 0
  fc.assert(
    fc.property(crashingProtocol(), fc.integer({ min: 1, max: 2 }), (source, capacity) => {
      const body = JSON.stringify(source.body)
      if (body.includes('"lost"')) losses++
      if (body.includes('"late"')) delays++
      assert.equal(exploreAll(source, capacity, 1500, mortal), undefined)
    }),
    { numRuns: 150 },
  )
  assert.ok(losses > 40, `only ${losses} had a branch for a loss`)
  assert.ok(delays > 40, `only ${delays} had one for a delay`)
})

test('the monitors of all roles accept every asynchronous run, with one message under way an edge or with many', () => {
  fc.assert(
    fc.property(anyProtocol(), fc.integer({ min: 1, max: 5 }), picks(), (source, capacity, pick) => {
      const { deeds, end } = runAsynchronously(source, { pick, capacity, limit: 150 })
      assert.match(end, /^(ended|cut)$/)
      const monitors = new Map(source.roles.map((role) => [role, new Monitor(planMonitor(source, role))]))
      for (const { role, direction, peer, label } of deeds) monitors.get(role)?.[direction](peer, label)
      if (end === 'ended') for (const monitor of monitors.values()) assert.equal(monitor.ended, true)
    }),
    { numRuns: 300 },
  )
})

type Mutation = (deeds: Deed[], at: number, source: Protocol, pick: (below: number) => number) => Deed[]

const mutations: Readonly<Record<string, Mutation>> = {
  drop: (deeds, at) => deeds.toSpliced(at, 1),
  duplicate: (deeds, at) => deeds.toSpliced(at, 0, deeds[at] as Deed),
  swap: (deeds, at) => [...deeds.slice(0, at), ...deeds.slice(at, at + 2).toReversed(), ...deeds.slice(at + 2)],
  relabel: (deeds, at, source, pick) => {
    const labels = labelsOf(source)
    return deeds.with(at, { ...(deeds[at] as Deed), label: labels[pick(labels.length)] as string })
  },
  redirect: (deeds, at, source, pick) =>
    deeds.with(at, { ...(deeds[at] as Deed), peer: source.roles[pick(source.roles.length)] as string }),
  turn: (deeds, at) => {
    const deed = deeds[at] as Deed
    return deeds.with(at, { ...deed, direction: deed.direction === 'sent' ? 'received' : 'sent' })
  },
}

function labelsOf(source: Protocol): string[] {
  const points = Object.values<LocalType>(source.locals).flatMap(explore)
  return points.flatMap((point) => point.ways.map((way) => way.label))
}

/** Which of one role's deeds its type does not allow, by the textbook. */
function firstWrong(local: LocalType, deeds: readonly Deed[]): number {
  let at: LocalType | undefined = local
  return deeds.findIndex(({ direction, peer, label }) => {
    const action = at && actionOf(at)
    const isTurn = action?.kind === (direction === 'sent' ? 'send' : 'receive') && action.peer === peer
    at = isTurn ? action.ways.get(label) : undefined
    return at === undefined
  })
}

function firstRefused(source: Protocol, role: string, deeds: readonly Deed[]): number {
  const monitor = new Monitor(planMonitor(source, role))
  return deeds.findIndex(({ direction, peer, label }) => {
    try {
      monitor[direction](peer, label)
      return false
    } catch (error) {
      assert.ok(error instanceof ProtocolViolation)
      return true
    }
  })
}

for (const [name, mutate] of Object.entries(mutations)) {
  test(`a monitor catches a run with one ${name} at the first message that its type does not allow`, () => {
    let caught = 0
    fc.assert(
      fc.property(anyProtocol(), picks(), fc.nat(), (source, pick, where) => {
        const { deeds } = runAsynchronously(source, { pick, capacity: 3, limit: 80 })
        const role = source.roles[where % source.roles.length] as string
        const own = deeds.filter((deed) => deed.role === role)
        if (own.length === 0) return
        const mutated = mutate(own, where % own.length, source, pick)
        const wrong = firstWrong((source.locals as Readonly<Record<string, LocalType>>)[role] as LocalType, mutated)
        assert.equal(firstRefused(source, role, mutated), wrong)
        if (wrong >= 0) caught++
      }),
      { numRuns: 300 },
    )
    assert.ok(caught > 20, `only ${caught} mutations were wrong at all`)
  })
}
