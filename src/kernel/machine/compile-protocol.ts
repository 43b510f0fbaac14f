import type { Protocol } from '../protocol/protocol.ts'
import type { BufferConfig } from '../bounded-buffer.ts'
import { edgesOf, type EdgeName } from '../session/edge.ts'
import { compileLocal, roleRegisters } from './compile-local.ts'
import type { Instruction, Program } from './instruction.ts'

/**
 * A program that plays all roles of a protocol: the coroutine at address 0 opens a session, starts a coroutine for each
 * role with its endpoint, and halts. The session ends when all roles have halted. All edges have the handler named `edge` and, where one is
 * given, the same kind of buffer.
 */
export function compileProtocol(protocol: Protocol, buffer?: BufferConfig): Program {
  const { name, roles } = protocol
  const locals = roles.map((role) => protocol.locals[role] ?? ({ kind: 'end' } as const))
  const handlers: Record<EdgeName, string> = {}
  for (const [index, local] of locals.entries()) {
    for (const edge of edgesOf(roles[index] ?? '', local).keys()) handlers[edge] = 'edge'
  }
  const buffers = buffer && Object.fromEntries(Object.keys(handlers).map((edge) => [edge, buffer]))
  const code: Instruction[] = []
  const preamble = 1 + roles.length + 1
  const starts = locals.map((local) => {
    const start = preamble + code.length
    code.push(...compileLocal(local, start))
    return start
  })
  const opening: Instruction[] = [
    {
      op: 'open',
      protocol: name,
      roles,
      localTypes: locals,
      handlers,
      dsts: roles.map((_, register) => register),
      ...(buffers && { buffers }),
    },
    ...starts.map((at, register): Instruction => ({ op: 'spawn', at, args: [register] })),
    { op: 'halt' },
  ]
  return { code: [...opening, ...code], registers: Math.max(roleRegisters.count, roles.length) }
}
