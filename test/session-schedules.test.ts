import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from './support/fast-check.ts'
import { ManualClock } from '../src/kernel/manual-clock.ts'
import { isUnsaid } from '../src/kernel/protocol/local-type.ts'
import type { Protocol } from '../src/kernel/protocol/protocol.ts'
import { unfoldIfVarWithScope } from '../src/kernel/protocol/unfold.ts'
import type { Endpoint } from '../src/kernel/session/endpoint.ts'
import { edgesOf, passThrough } from '../src/kernel/session/edge.ts'
import { SessionStore } from '../src/kernel/session/session-store.ts'
import { crashingProtocol, mortal } from './support/crashing-protocol.ts'
import { isRunOf, type LocalDeed } from './support/run-of-global.ts'

/** One session of a random protocol, its roles driven by chance, in virtual time. */
class Schedule {
  readonly deeds: Record<string, LocalDeed[]> = {}
  readonly clock = new ManualClock()
  readonly counts = { lost: 0, late: 0, dropped: 0 }
  readonly store: SessionStore
  readonly #endpoints: readonly Endpoint[]
  #isMortalLost = false

  constructor({ name, roles, locals }: Protocol, capacity: number) {
    const types = Object.values<Protocol['locals'][string]>(locals)
    const edges = roles.flatMap((role, index) => [...edgesOf(role, types[index] ?? { kind: 'end' }).keys()])
    this.store = new SessionStore({
      clock: this.clock,
      onEvent: (event) => {
        if (event.type === 'Lost' && event.role === mortal) this.#isMortalLost = true
        if (event.type === 'Late') this.counts.late++
      },
    })
    this.#endpoints = this.store.open({
      protocol: name,
      roles,
      localTypes: types,
      owners: roles,
      handlers: new Map(edges.map((edge) => [edge, passThrough])),
      buffers: new Map(edges.map((edge) => [edge, { mode: 'fifo', policy: 'block', capacity }])),
    })
    for (const role of roles) this.deeds[role] = []
  }

  /** Roles that have not come to their ends. */
  get unfinished(): readonly string[] {
    const [first] = this.#endpoints
    return first ? this.store.session(first).unfinished : []
  }

  lose(): void {
    const endpoint = this.#endpoints.find(({ role }) => role === mortal)
    if (this.#isMortalLost || !endpoint || !this.unfinished.includes(mortal)) return
    this.counts.lost++
    this.store.lose(endpoint)
  }

  /** Whether it could do something. */
  act(index: number, pick: (below: number) => number): boolean {
    const endpoint = this.#endpoints[index % this.#endpoints.length] as Endpoint
    const { role } = endpoint
    if (this.#isMortalLost && role === mortal) return false
    const { local } = unfoldIfVarWithScope(this.store.lookupType(endpoint))
    if (local.kind === 'send') {
      const said = local.branches
      const { label } = said[pick(said.length)] ?? { label: '' }
      const outcome = this.store.send(endpoint, local.to, label)
      if (outcome === 'blocked') return false
      if (outcome === 'dropped') this.counts.dropped++
      this.deeds[role]?.push(`${local.to}!${label}`)
      return true
    }
    if (local.kind !== 'receive') return false
    const label = this.store.receive(endpoint, local.from)?.label
    if (label === undefined) return false
    const branch = local.branches.find((each) => each.label === label)
    this.deeds[role]?.push(`${local.from}${branch && isUnsaid(branch) ? '~' : '?'}${label}`)
    return true
  }
}

test('sessions of random protocols with time limits and losses never get stuck, and deliver nothing that the global type does not have', () => {
  const counts = { lost: 0, late: 0, dropped: 0 }
  fc.assert(
    fc.property(
      crashingProtocol(),
      fc.integer({ min: 1, max: 3 }),
      fc.array(fc.nat(1 << 16), { minLength: 20, maxLength: 160 }),
      (source, capacity, picks) => {
        const schedule = new Schedule(source, capacity)
        const { roles } = source
        for (const [index, pick] of picks.entries()) {
          const rest = Math.floor(pick / 16)
          if (pick % 16 < 3) schedule.clock.advance(rest % 1200)
          else if (pick % 16 === 3 && index > 20) schedule.lose()
          else schedule.act(rest, (below) => rest % below)
          assert.ok(isRunOf(source.global, schedule.deeds), JSON.stringify(schedule.deeds))
        }
        // Whoever has anything left to do can do it, now or when a limit is over.
        for (let left = 30; left > 0 && schedule.unfinished.length > 0; left--) {
          const able = roles.some((_role, index) => schedule.act(index, () => 0))
          const isTimed = schedule.clock.pending > 0
          assert.ok(able || isTimed, `${schedule.unfinished.join()} stuck after ${JSON.stringify(schedule.deeds)}`)
          if (!able) schedule.clock.advance(1000)
          assert.ok(isRunOf(source.global, schedule.deeds), JSON.stringify(schedule.deeds))
        }
        const [role = ''] = roles
        const forged = { ...schedule.deeds, [role]: [...(schedule.deeds[role] ?? []), 'b?nothing' as const] }
        assert.ok(!isRunOf(source.global, forged), 'what nobody said is no part of a run')
        for (const each of ['lost', 'late', 'dropped'] as const) counts[each] += schedule.counts[each]
      },
    ),
    { numRuns: 300 },
  )
  for (const [what, count] of Object.entries(counts)) assert.ok(count > 20, `only ${count} ${what}`)
})
