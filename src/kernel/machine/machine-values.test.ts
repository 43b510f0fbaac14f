import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Instruction } from './instruction.ts'
import { ProtocolMachine } from './machine.ts'
import { MachineError } from './machine-error.ts'
import type { Action, MachineOptions } from './machine-options.ts'
import { replayTrace } from './replay.ts'
import { formatTrace, type TraceEntry } from './trace.ts'

function run(code: readonly Instruction[], actions: Readonly<Record<string, Action>> = {}) {
  const trace: TraceEntry[] = []
  const written: string[] = []
  const options = { program: { code, registers: 3 }, scheduler: 'cooperative', seed: 1 } as const
  const machine = new ProtocolMachine({
    ...options,
    actions,
    onTrace: (entry) => {
      trace.push(entry)
      written.push(formatTrace([entry]))
    },
  })
  machine.spawn(0)
  const result = machine.run(1000)
  const read = written.map((line) => JSON.parse(line) as TraceEntry)
  const replay = () => replayTrace(read, { ...options, start: (another) => another.spawn(0) })
  return { result, trace, written: written.join(''), replay }
}

const failures = (trace: readonly TraceEntry[]) =>
  trace.flatMap((entry) => (entry.type === 'Failed' ? [`${entry.code}: ${entry.message}`] : []))

test('a trace holds values: what an action keeps and changes later changes no trace, and it replays', () => {
  const list: number[] = []
  const { trace, written, replay, result } = run(
    [
      { op: 'invoke', action: 'make', args: [], dst: 0 },
      { op: 'invoke', action: 'push', args: [] },
      { op: 'invoke', action: 'look', args: [0] },
      { op: 'halt' },
    ],
    { make: () => list, push: () => void list.push(1), look: (seen) => (seen as number[]).length },
  )
  assert.equal(result.kind, 'done')
  assert.equal(formatTrace(trace), written)
  assert.deepEqual(
    trace.flatMap((entry) => (entry.type === 'Invoked' ? [entry.result] : [])),
    [[], undefined, 0],
  )
  assert.deepEqual(replay(), { same: true, entries: trace.length })
})

test('an action cannot change its arguments: that it tried is its failure, traced and replayed', () => {
  const value = { list: [1] }
  const { trace, replay } = run(
    [
      { op: 'set', dst: 0, value },
      { op: 'invoke', action: 'push', args: [0] },
    ],
    { push: (each) => void (each as typeof value).list.push(2) },
  )
  assert.deepEqual(value, { list: [1] })
  assert.match(failures(trace).join(), /not extensible/)
  assert.deepEqual(replay(), { same: true, entries: trace.length })
})

test('what a trace cannot keep is refused with its place', () => {
  for (const [answer, place] of [
    [() => ({ sizes: [1n] }), 'untraceable: Coroutine 1: result of "ask".sizes[0]: JSON does not carry a bigint'],
    [async () => 1, 'untraceable: Coroutine 1: result of "ask": JSON does not carry a Promise'],
    [() => Number.NaN, 'untraceable: Coroutine 1: result of "ask": JSON does not carry NaN'],
  ] as const) {
    const { trace } = run([{ op: 'invoke', action: 'ask', args: [], dst: 0 }], { ask: answer })
    assert.deepEqual(failures(trace), [place])
  }
  const literal = run([{ op: 'set', dst: 0, value: { at: new Map() } }])
  assert.deepEqual(failures(literal.trace), ['untraceable: instruction 0.at: JSON does not carry a Map'])
  const machine = new ProtocolMachine({
    program: { code: [{ op: 'halt' }], registers: 1 },
    scheduler: 'cooperative',
    seed: 1,
  })
  assert.throws(
    () => machine.spawn(0, [() => 1]),
    (error) => error instanceof MachineError && error.code === 'untraceable' && /argument 0/.test(error.message),
  )
})

test('ProtocolMachine refuses a program and options that mean nothing, with the place', () => {
  const good: MachineOptions = { program: { code: [{ op: 'halt' }], registers: 1 }, scheduler: 'cooperative', seed: 1 }
  const code = [{ op: 'halt' }, { op: 'recieve', endpoint: 0, from: 'A', label: 'm' }] as unknown as Instruction[]
  const refused: [Partial<MachineOptions>, MachineError['code'], RegExp][] = [
    [{ program: { code, registers: 1 } }, 'unknown-instruction', /Instruction 1: there is no "recieve"/],
    [
      { program: { code: [{ op: 'toString' }] as unknown as Instruction[], registers: 1 } },
      'unknown-instruction',
      /"toString"/,
    ],
    [{ program: { code: [null as unknown as Instruction], registers: 1 } }, 'unknown-instruction', /Instruction 0/],
    [{ program: { code: [], registers: Number.NaN } }, 'malformed-option', /NaN registers/],
    [{ scheduler: 'random' as 'cooperative' }, 'malformed-option', /"random"/],
    [{ maxCoroutines: Number.NaN }, 'malformed-option', /NaN coroutines/],
  ]
  for (const [change, wanted, message] of refused) {
    assert.throws(
      () => new ProtocolMachine({ ...good, ...change }),
      (error) => error instanceof MachineError && error.code === wanted && message.test(error.message),
    )
  }
})
