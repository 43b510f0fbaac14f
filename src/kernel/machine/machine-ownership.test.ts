import assert from 'node:assert/strict'
import { createHmac, createHash } from 'node:crypto'
import { test } from 'node:test'
import { message } from '../protocol/notation.ts'
import { protocol } from '../protocol/protocol.ts'
import { unchecked } from '../protocol/schema.ts'
import { passThrough } from '../session/edge.ts'
import type { Instruction } from './instruction.ts'
import { ProtocolMachine } from './machine.ts'
import type { MachineOptions } from './machine-options.ts'
import type { TraceEntry } from './trace.ts'

const pair = protocol('pair', ['a', 'b'], [message('a', 'b', 'x', unchecked<unknown>())])
const open: Instruction & { op: 'open' } = {
  op: 'open',
  protocol: 'pair',
  roles: ['a', 'b'],
  localTypes: [pair.locals.a, pair.locals.b],
  handlers: { 'a->b': 'edge' },
  dsts: [0, 1],
}

function run(code: readonly Instruction[], options: Partial<MachineOptions> = {}) {
  const trace: TraceEntry[] = []
  const machine = new ProtocolMachine({
    program: { code, registers: 4 },
    handlers: { edge: passThrough },
    scheduler: 'round-robin',
    seed: 1,
    onTrace: (entry) => trace.push(entry),
    ...options,
  })
  machine.spawn(0)
  const result = machine.run(10_000)
  const ends = trace.flatMap((entry) => {
    if (entry.type === 'Faulted') return [`Faulted: ${entry.reason}`]
    return entry.type === 'Closed' || entry.type === 'Failed' ? [entry.type] : []
  })
  return { result, trace, machine, ends }
}

test('a coroutine that overwrote the register of its endpoint and fails ends the session, and its partner is told', () => {
  const { result, machine, ends } = run(
    [
      open,
      { op: 'spawn', at: 4, args: [0] },
      { op: 'receive', endpoint: 1, from: 'a', label: 'x' },
      { op: 'halt' },
      { op: 'set', dst: 0, value: 'overwritten' },
      { op: 'invoke', action: 'fails', args: [] },
    ],
    {
      actions: {
        fails: () => {
          throw new Error('boom')
        },
      },
    },
  )
  assert.equal(result.kind, 'done')
  assert.equal(machine.store.size, 0)
  assert.deepEqual(ends, ['Failed', 'Faulted: coroutine 2 failed: boom', 'Failed'])
})

test('a coroutine that opens in a loop and fails at its bound leaves no session behind', () => {
  const { machine, ends } = run([open, { op: 'jump', to: 0 }, { op: 'halt' }], {
    program: { code: [open, open, open, { op: 'jump', to: 99 }], registers: 2 },
  })
  assert.equal(machine.store.size, 0)
  assert.equal(ends.filter((end) => end.startsWith('Faulted')).length, 3)
})

test('a coroutine that halts before its endpoint has come to its end faults the session', () => {
  const { machine, ends } = run([open, { op: 'halt' }])
  assert.equal(machine.store.size, 0)
  assert.deepEqual(ends, ['Faulted: coroutine 1 halted before a had come to its end'])
})

test('a session ends by itself when all its coroutines have halted at their ends', () => {
  const { result, trace, ends } = run([
    open,
    { op: 'spawn', at: 4, args: [1] },
    { op: 'send', endpoint: 0, to: 'b', label: 'x' },
    { op: 'halt' },
    { op: 'receive', endpoint: 0, from: 'a', label: 'x' },
    { op: 'halt' },
  ])
  assert.equal(result.kind, 'done')
  assert.deepEqual(ends, ['Closed'])
  const closed = trace.find((entry) => entry.type === 'Closed')
  assert.deepEqual([closed?.undelivered, closed?.unfinished], [0, []])
})

test('close is refused before the end, unless the machine closes as seed 004 does', () => {
  assert.deepEqual(run([open, { op: 'close', endpoint: 0 }]).ends[0], 'Failed')
  const { result, trace } = run([open, { op: 'close', endpoint: 0 }, { op: 'halt' }], { drainSteps: 0 })
  assert.ok(result.kind === 'done' && result.failures.length === 0)
  assert.deepEqual(
    trace.map((entry) => entry.type),
    ['Opened', 'Closed', 'EpochAdvanced', 'Halted'],
  )
})

test('open authenticates a session with what the machine has under that name', () => {
  const key = (bytes: Uint8Array) => new Uint8Array(createHmac('sha256', 'secret').update(bytes).digest())
  let verified = 0
  const auth = {
    hash: (...parts: readonly Uint8Array[]) => {
      const hash = createHash('sha256')
      for (const part of parts) hash.update(part)
      return new Uint8Array(hash.digest())
    },
    nonce: new Uint8Array(16),
    keys: new Map([
      [
        'a',
        {
          sign: key,
          verify: (bytes: Uint8Array, signature: Uint8Array) => {
            verified++
            return Buffer.from(key(bytes)).equals(signature)
          },
        },
      ],
    ]),
  }
  const code: Instruction[] = [
    { ...open, auth: 'house' },
    { op: 'set', dst: 2, value: { amount: 1 } },
    { op: 'send', endpoint: 0, to: 'b', label: 'x', payload: 2 },
    { op: 'receive', endpoint: 1, from: 'a', label: 'x', dst: 3 },
    { op: 'halt' },
  ]
  const { result } = run(code, { auth: { house: auth } })
  assert.ok(result.kind === 'done' && result.failures.length === 0)
  assert.equal(verified, 1)
  const { trace, machine } = run(code)
  assert.equal(trace.find((entry) => entry.type === 'Failed')?.code, 'missing-auth')
  assert.equal(machine.store.size, 0)
})
