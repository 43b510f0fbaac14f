import type { LocalType } from '../protocol/local-type.ts'
import { explore, type NumberedPoint } from '../protocol/points.ts'
import type { Address, Instruction, Register } from './instruction.ts'

/** Registers of a compiled role: its endpoint is the argument it is spawned with. */
export const roleRegisters = { endpoint: 0, label: 1, payload: 2, count: 3 } as const satisfies Record<string, Register>

/**
 * The actions that a compiled role asks for what its type leaves open: `decide(labels)` gives the label of a choice,
 * `produce(label)` a payload, and `consume(label, payload)` takes one.
 */
export const roleActions = { decide: 'decide', produce: 'produce', consume: 'consume' } as const

/**
 * Compiles a local type to code that plays the role to its end. The code begins at `base` of the program it becomes a
 * part of. At the end the role halts, and is done; the session ends when all its roles are.
 */
export function compileLocal(local: LocalType, base: Address): Instruction[] {
  const points = explore(local)
  const starts: Address[] = []
  let length = 0
  for (const point of points) {
    starts.push(base + length)
    // Addresses do not change a block's length, so any will do here.
    length += blockOf(point, 0, starts).length
  }
  return points.flatMap((point, number) => blockOf(point, starts[number] ?? base, starts))
}

const { endpoint, label, payload } = roleRegisters

/** The code of one point, which begins at `start`; `starts` tells where the other points begin. */
function blockOf(point: NumberedPoint, start: Address, starts: readonly Address[]): Instruction[] {
  switch (point.kind) {
    case 'end':
      return [{ op: 'halt' }]
    case 'send':
      return sendBlock(point, starts)
    case 'receive':
      return receiveBlock(point, start, starts)
  }
}

function sendBlock({ ways, peer }: NumberedPoint, starts: readonly Address[]): Instruction[] {
  const labels = ways.map((way) => way.label)
  const decision: Instruction[] =
    labels.length === 1
      ? [{ op: 'set', dst: label, value: labels[0] }]
      : [
          { op: 'set', dst: label, value: labels },
          { op: 'invoke', action: roleActions.decide, args: [label], dst: label },
        ]
  const table = Object.fromEntries(ways.map((way) => [way.label, starts[way.to] ?? 0]))
  return [
    ...decision,
    { op: 'invoke', action: roleActions.produce, args: [label], dst: payload },
    { op: 'choose', endpoint, to: peer, label, payload, table },
  ]
}

/** The offer leads to an ending for each label, where it is known which message came. */
function receiveBlock({ ways, peer }: NumberedPoint, start: Address, starts: readonly Address[]): Instruction[] {
  const endings = ways.map((way): Instruction[] => [
    { op: 'set', dst: label, value: way.label },
    { op: 'invoke', action: roleActions.consume, args: [label, payload] },
    { op: 'jump', to: starts[way.to] ?? 0 },
  ])
  const table = Object.fromEntries(ways.map((way, index) => [way.label, start + 1 + 3 * index]))
  return [{ op: 'offer', endpoint, from: peer, dst: payload, table }, ...endings.flat()]
}
