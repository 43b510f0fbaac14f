import assert from 'node:assert/strict'
import { test } from 'node:test'
import { delegation } from '../examples/protocols/delegation.ts'
import { handOver } from '../examples/protocols/hand-over.ts'
import { ring } from '../examples/protocols/ring.ts'
import { streamWithStop } from '../examples/protocols/stream-with-stop.ts'
import { threeRoleChoice } from '../examples/protocols/three-role-choice.ts'
import { twoBuyers } from '../examples/protocols/two-buyers.ts'
import { compileProtocol } from '../src/kernel/machine/compile-protocol.ts'
import { ProtocolMachine } from '../src/kernel/machine/machine.ts'
import type { TraceEntry } from '../src/kernel/machine/trace.ts'
import { formatLocal } from '../src/kernel/protocol/local-type.ts'
import type { Protocol } from '../src/kernel/protocol/protocol.ts'
import { passThrough } from '../src/kernel/session/edge.ts'

/** Plays all roles, taking the labels in `choices` and then the last one there is; gives who told what to whom. */
function play(protocol: Protocol, choices: string[], payloads: Readonly<Record<string, unknown>>): string[] {
  const trace: TraceEntry[] = []
  const machine = new ProtocolMachine({
    program: compileProtocol(protocol),
    handlers: { edge: passThrough },
    actions: {
      decide: (labels) => choices.shift() ?? (labels as string[]).at(-1),
      produce: (label) => payloads[String(label)],
      consume: () => undefined,
    },
    scheduler: 'round-robin',
    seed: 7,
    onTrace: (entry) => trace.push(entry),
  })
  machine.spawn(0)
  const result = machine.run(10_000)
  assert.deepEqual(result.kind === 'done' && result.failures, [])
  return trace.flatMap((entry) => (entry.type === 'Received' ? [`${entry.from}->${entry.to} ${entry.label}`] : []))
}

test('a seat is handed over in a signed session: the move that was late is dropped, and the next one counts', () => {
  const { store, heard } = handOver()
  assert.deepEqual(heard, [undefined, 'asleep', 'wake-up', 'move'])
  const [former, present] = [0, 1].map((transfers) => ({ sid: 1, role: 'player', epoch: 0, transfers }))
  assert.ok(former && present)
  assert.deepEqual([store.isOwner(former, 'ada'), store.isOwner(present, 'bob')], [false, true])
  assert.equal(store.session(present).edges.get('player->host')?.signed?.history.length, 2)
})

test('two buyers buy, or one of them does not want to', () => {
  const payloads = { title: 'Dune', quote: 20, share: 10, accept: 'Arrakis', date: 'Monday' }
  assert.deepEqual(play(twoBuyers, ['accept'], payloads).slice(-2), ['bob->seller accept', 'seller->bob date'])
  assert.deepEqual(play(twoBuyers, ['quit'], payloads).at(-1), 'bob->seller quit')
})

test('a ring passes its token once round', () => {
  assert.deepEqual(play(ring, [], { token: 1 }), ['a->b token', 'b->c token', 'c->a token'])
})

test('a stream ends when its consumer has had enough', () => {
  const said = play(streamWithStop, ['more', 'more', 'more'], { item: 1 })
  assert.equal(said.filter((line) => line.endsWith('item')).length, 3)
  assert.equal(said.at(-1), 'sink->source stop')
})

test('a delegation lets the client wait through wrong passwords that it never sees', () => {
  const payloads = { redirect: 'https://authority.example', password: 'secret', token: 't' }
  assert.ok(
    formatLocal(delegation.locals.client).includes('?authority{token.!user{welcome.end}, denied.!user{goodbye.end}}'),
  )
  assert.equal(play(delegation, ['wrong', 'wrong', 'granted'], payloads).at(-1), 'client->user welcome')
  assert.equal(play(delegation, ['locked'], payloads).at(-1), 'client->user goodbye')
})

test('a choice reaches a third role through whom it was told to', () => {
  assert.equal(
    formatLocal(threeRoleChoice.locals.clerk),
    '?builder{built.end, skipped.end, failed.!planner{report.end}}',
  )
  assert.equal(play(threeRoleChoice, ['fail'], {}).at(-1), 'clerk->planner report')
})
