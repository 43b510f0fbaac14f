import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { randomProtocol } from '../../../test/support/random-protocol.ts'
import { again, branch, choice, loop, message } from '../protocol/notation.ts'
import { type Protocol, protocol } from '../protocol/protocol.ts'
import { unchecked } from '../protocol/schema.ts'
import { seededRandom } from '../seeded-random.ts'
import type { BufferConfig } from '../bounded-buffer.ts'
import { type EdgeHandler, passThrough } from '../session/edge.ts'
import { compileProtocol } from './compile-protocol.ts'
import type { Instruction } from './instruction.ts'
import { ProtocolMachine } from './machine.ts'
import type { MachineOptions } from './machine-options.ts'
import { MachineError } from './machine-error.ts'
import { replayTrace } from './replay.ts'
import type { SchedulerPolicy } from './scheduler.ts'
import { formatTrace, type TraceEntry } from './trace.ts'

const handlers: Record<string, EdgeHandler> = { edge: passThrough }

/** Answers from a seed; after `limit` choices the last label is taken, which is the way out of every random loop. */
function answers(seed: number, limit: number): NonNullable<MachineOptions['actions']> {
  const random = seededRandom(seed)
  let choices = 0
  return {
    decide: (labels) => {
      const all = labels as string[]
      return ++choices > limit ? all.at(-1) : all[Math.floor(random() * all.length)]
    },
    produce: () => undefined,
    consume: () => undefined,
  }
}

function play(source: Protocol, scheduler: SchedulerPolicy, seed: number, buffer?: BufferConfig) {
  const trace: TraceEntry[] = []
  const options = { program: compileProtocol(source, buffer), handlers, scheduler, seed }
  const machine = new ProtocolMachine({ ...options, actions: answers(seed, 30), onTrace: (entry) => trace.push(entry) })
  machine.spawn(0)
  return { result: machine.run(100_000), trace, machine, options }
}

/** One message under way is enough for every protocol. */
const buffers = fc.constantFrom<BufferConfig | undefined>(
  undefined,
  { mode: 'fifo', capacity: 1, policy: 'block' },
  { mode: 'fifo', capacity: 1, policy: { resize: { maxCapacity: 2 } } },
)
const policies = fc.constantFrom<SchedulerPolicy>('cooperative', 'round-robin')

test('ProtocolMachine runs every protocol under every schedule to its end', () => {
  fc.assert(
    fc.property(randomProtocol(), policies, fc.nat(), buffers, (source, scheduler, seed, buffer) => {
      const { result, machine, trace } = play(source, scheduler, seed, buffer)
      assert.deepEqual({ ...result, steps: 0 }, { kind: 'done', steps: 0, failures: [] })
      assert.deepEqual([machine.alive, machine.store.size], [0, 0])
      const closed = trace.find((entry) => entry.type === 'Closed')
      assert.deepEqual([closed?.undelivered, closed?.unfinished], [0, []])
    }),
    { numRuns: 300 },
  )
})

test('ProtocolMachine makes the same trace from the same seed, byte for byte, and replays it', () => {
  fc.assert(
    fc.property(randomProtocol(), policies, fc.nat(), (source, scheduler, seed) => {
      const first = play(source, scheduler, seed)
      assert.equal(formatTrace(play(source, scheduler, seed).trace), formatTrace(first.trace))
      const replayed = replayTrace(first.trace, { ...first.options, start: (machine) => machine.spawn(0) })
      assert.deepEqual(replayed, { same: true, entries: first.trace.length })
    }),
  )
})

test('replayTrace names the first entry that differs when a trace was changed', () => {
  const source = protocol('pair', ['a', 'b'], [message('a', 'b', 'x'), message('b', 'a', 'y')])
  const { trace, options } = play(source, 'round-robin', 1)
  const at = trace.findIndex((entry) => entry.type === 'Received')
  const forged = trace.map((entry, index) => (index === at ? { ...entry, label: 'z' } : entry)) as TraceEntry[]
  const result = replayTrace(forged, { ...options, start: (machine) => machine.spawn(0) })
  assert.equal(!result.same && result.at, at)
})

/** Runs code in which coroutine 1 begins at address 0. */
function runCode(code: readonly Instruction[], options: Partial<MachineOptions> = {}) {
  const trace: TraceEntry[] = []
  const machine = new ProtocolMachine({
    program: { code, registers: 4 },
    handlers,
    scheduler: 'round-robin',
    seed: 1,
    onTrace: (entry) => trace.push(entry),
    ...options,
  })
  machine.spawn(0)
  return { result: machine.run(10_000), trace, machine }
}

const pair = protocol('pair', ['a', 'b'], [message('a', 'b', 'x', unchecked<unknown>())])
const openPair = (dsts: number[]): Instruction => ({
  op: 'open',
  protocol: 'pair',
  roles: ['a', 'b'],
  localTypes: [pair.locals.a, pair.locals.b],
  handlers: { 'a->b': 'edge' },
  dsts,
})
const failure = (trace: readonly TraceEntry[]) => trace.find((entry) => entry.type === 'Failed')?.code

test('ProtocolMachine open leaks nothing when a register, a handler or a destination is missing', () => {
  for (const [code, instruction] of [
    ['missing-register', openPair([0, 4])],
    ['missing-handler', { ...openPair([0, 1]), handlers: { 'a->b': 'nobody' } }],
    ['arity-mismatch', openPair([0])],
  ] as const) {
    const { machine, trace } = runCode([instruction as Instruction])
    assert.equal(failure(trace), code)
    assert.equal(machine.store.size, 0)
    assert.ok(!trace.some((entry) => entry.type === 'Opened'))
  }
})

test('ProtocolMachine close refuses who does not own the endpoint', () => {
  const stolen: Instruction[] = [
    openPair([0, 1]),
    { op: 'move', dst: 2, src: 0 },
    { op: 'spawn', at: 4, args: [0] },
    { op: 'close', endpoint: 2 },
    { op: 'yield' },
    { op: 'halt' },
  ]
  assert.equal(failure(runCode(stolen, { scheduler: 'cooperative' }).trace), 'not-owner')
})

test('ProtocolMachine transfer hands an endpoint over, and the sender has it no more', () => {
  const { result, trace } = runCode([
    openPair([0, 1]),
    { op: 'spawn', at: 6, args: [], dst: 2 },
    { op: 'transfer', endpoint: 1, to: 2, dst: 3 },
    { op: 'set', dst: 1, value: 'hello' },
    { op: 'send', endpoint: 0, to: 'b', label: 'x', payload: 1 },
    { op: 'halt' },
    { op: 'yield' },
    { op: 'yield' },
    { op: 'receive', endpoint: 3, from: 'a', label: 'x', dst: 0 },
    { op: 'close', endpoint: 3 },
    { op: 'halt' },
  ])
  assert.deepEqual({ ...result, steps: 0 }, { kind: 'done', steps: 0, failures: [] })
  assert.deepEqual(
    trace.map((entry) => entry.type).filter((type) => ['Transferred', 'Sent', 'Received', 'Closed'].includes(type)),
    ['Transferred', 'Sent', 'Received', 'Closed'],
  )
})

test('ProtocolMachine acquire lets one coroutine at a time into a layer, and a failing one gives it back', () => {
  const { result, trace } = runCode([
    { op: 'spawn', at: 2, args: [] },
    { op: 'spawn', at: 2, args: [] },
    { op: 'acquire', layer: 'disk' },
    { op: 'yield' },
    { op: 'invoke', action: 'missing', args: [] },
  ])
  assert.equal(result.kind, 'done')
  assert.equal(trace.filter((entry) => entry.type === 'Acquired').length, 3)
  assert.equal(failure(runCode([{ op: 'release', layer: 'disk' }]).trace), 'not-holding')
})

test('ProtocolMachine says who waits for what when nobody can go on', () => {
  const { result } = runCode([openPair([0, 1]), { op: 'receive', endpoint: 1, from: 'a', label: 'x' }])
  assert.ok(result.kind === 'stuck')
  assert.match(result.waiting.join(), /coroutine 1 waits to receive from a/)
})

test('ProtocolMachine stops a program that never ends', () => {
  assert.equal(runCode([{ op: 'jump', to: 0 }]).result.kind, 'out-of-steps')
})

test('ProtocolMachine ends a conversation whose coroutine fails, and its partner fails with it', () => {
  const { trace, machine } = runCode([
    openPair([0, 1]),
    { op: 'spawn', at: 4, args: [1] },
    { op: 'send', endpoint: 0, to: 'b', label: 'wrong' },
    { op: 'halt' },
    { op: 'receive', endpoint: 0, from: 'a', label: 'x' },
    { op: 'halt' },
  ])
  assert.ok(trace.some((entry) => entry.type === 'Faulted'))
  assert.deepEqual(
    trace.flatMap((entry) => (entry.type === 'Failed' ? [entry.code] : [])),
    ['unexpected-action', 'faulted'],
  )
  assert.equal(machine.store.size, 0)
})

test('ProtocolMachine keeps its bound of coroutines', () => {
  const { trace } = runCode(
    [
      { op: 'spawn', at: 0, args: [] },
      { op: 'jump', to: 0 },
    ],
    { maxCoroutines: 5 },
  )
  assert.equal(failure(trace), 'too-many-coroutines')
})

test('ProtocolMachine plays a stream until it is told to stop', () => {
  const stream = protocol(
    'stream',
    ['source', 'sink'],
    [
      loop('s', [
        message('source', 'sink', 'item', unchecked<unknown>()),
        choice('sink', 'source', { more: branch([again('s')]), stop: branch() }),
      ]),
    ],
  )
  const { result, trace } = play(stream, 'cooperative', 3)
  assert.equal(result.kind, 'done')
  assert.equal(trace.flatMap((entry) => (entry.type === 'Chose' ? [entry.label] : [])).at(-1), 'stop')
})

const twoWords = protocol('two words', ['a', 'b'], [message('a', 'b', 'x'), message('a', 'b', 'y')])

test('ProtocolMachine lets nobody act through a copy of an endpoint that was given away', () => {
  const code: Instruction[] = [
    openPair([0, 1]),
    { op: 'move', dst: 2, src: 0 },
    { op: 'spawn', at: 5, args: [0] },
    { op: 'send', endpoint: 2, to: 'b', label: 'x', payload: 3 },
    { op: 'halt' },
    { op: 'jump', to: 5 },
  ]
  const { trace, machine } = runCode(code)
  assert.equal(failure(trace), 'not-owner')
  // It still owned b, and so ended the session as its own; with b given away as well, the session goes on.
  assert.equal(machine.store.size, 0)
  const both = code.with(2, { op: 'spawn', at: 5, args: [0, 1] })
  assert.equal(runCode(both).machine.store.size, 1)
  const forged: Instruction[] = [
    openPair([0, 1]),
    { op: 'spawn', at: 5, args: [0, 1] },
    { op: 'set', dst: 2, value: { sid: 1, role: 'a', epoch: 0, transfers: 1 } },
    { op: 'close', endpoint: 2 },
    { op: 'halt' },
    { op: 'jump', to: 5 },
  ]
  assert.equal(failure(runCode(forged).trace), 'not-owner')
  const nonsense: Instruction[] = [
    openPair([0, 1]),
    { op: 'set', dst: 2, value: { sid: 1, role: 'z', epoch: 0, transfers: 0 } },
  ]
  assert.equal(failure(runCode([...nonsense, { op: 'close', endpoint: 2 }]).trace), 'unknown-role')
})

test('ProtocolMachine spawn gives an endpoint once, or starts nobody', () => {
  const twice = runCode([openPair([0, 1]), { op: 'spawn', at: 2, args: [0, 0] }, { op: 'halt' }])
  assert.deepEqual({ ...twice.result, steps: 0 }, { kind: 'done', steps: 0, failures: [] })
  const stolen: Instruction[] = [
    openPair([0, 1]),
    { op: 'move', dst: 2, src: 0 },
    { op: 'spawn', at: 4, args: [0] },
    { op: 'spawn', at: 4, args: [2] },
    { op: 'jump', to: 4 },
  ]
  const { trace } = runCode(stolen)
  assert.equal(failure(trace), 'not-owner')
  assert.equal(trace.filter((entry) => entry.type === 'Spawned').length, 1)
})

test('ProtocolMachine open refuses to write two endpoints to one register', () => {
  const { trace, machine } = runCode([openPair([1, 1])])
  assert.equal(failure(trace), 'duplicate-register')
  assert.equal(machine.store.size, 0)
})

test('ProtocolMachine transfer to oneself into the same register keeps the endpoint', () => {
  const { result } = runCode([
    openPair([0, 1]),
    { op: 'set', dst: 2, value: 1 },
    { op: 'transfer', endpoint: 0, to: 2, dst: 0 },
    { op: 'send', endpoint: 0, to: 'b', label: 'x' },
    { op: 'receive', endpoint: 1, from: 'a', label: 'x' },
    { op: 'close', endpoint: 0 },
    { op: 'halt' },
  ])
  assert.deepEqual({ ...result, steps: 0 }, { kind: 'done', steps: 0, failures: [] })
})

test('replayTrace repeats what the world outside threw', () => {
  let calls = 0
  const trace: TraceEntry[] = []
  const options = { program: compileProtocol(twoWords), handlers, scheduler: 'round-robin', seed: 4 } as const
  const machine = new ProtocolMachine({
    ...options,
    actions: {
      produce: () => {
        if (++calls === 2) throw new MachineError('missing-handler', 'the disk is full')
        return undefined
      },
      consume: () => undefined,
    },
    onTrace: (entry) => trace.push(entry),
  })
  machine.spawn(0)
  machine.run(1000)
  assert.ok(trace.some((entry) => entry.type === 'InvokeFailed' && entry.message === 'the disk is full'))
  const read = formatTrace(trace).trimEnd().split('\n')
  const replayed = replayTrace(
    read.map((line) => JSON.parse(line) as TraceEntry),
    { ...options, start: (another) => another.spawn(0) },
  )
  assert.deepEqual(replayed, { same: true, entries: trace.length })
})

test('replayTrace comes to an end with a trace that promises more than there is', () => {
  const { trace, options } = play(twoWords, 'round-robin', 1)
  const start = (machine: ProtocolMachine) => machine.spawn(0)
  const last = { step: 1e15, coroutine: 1, type: 'Halted' } as const
  const more = replayTrace([...trace, last], { ...options, start })
  assert.deepEqual([more.same, !more.same && more.at, !more.same && more.replayed], [false, trace.length, undefined])
  const spin = { ...options, program: { code: [{ op: 'jump', to: 0 } as const], registers: 1 }, maxSteps: 1000 }
  assert.equal(replayTrace([last], { ...spin, start }).same, false)
})

test('ProtocolMachine gives everybody a turn under round-robin', () => {
  const counts = new Map<unknown, number>()
  const { result } = runCode(
    [
      ...[1, 2, 3].flatMap((who): Instruction[] => [
        { op: 'set', dst: 0, value: who },
        { op: 'spawn', at: 7, args: [0] },
      ]),
      { op: 'halt' },
      { op: 'invoke', action: 'count', args: [0] },
      { op: 'jump', to: 7 },
    ],
    { actions: { count: (who) => void counts.set(who, (counts.get(who) ?? 0) + 1) } },
  )
  assert.equal(result.kind, 'out-of-steps')
  const turns = [...counts.values()]
  assert.ok(turns.length === 3 && Math.max(...turns) - Math.min(...turns) < 10, turns.join())
})
