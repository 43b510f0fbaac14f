import type { Coroutine } from './coroutine.ts'
import type { Address, Instruction, JumpTable, Program } from './instruction.ts'
import { MachineError } from './machine-error.ts'

/** How a trace names an error. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'error'
}

/** What a record holds under that very name, not what every object has. */
export function ownEntry<T>(record: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return record && Object.hasOwn(record, name) ? record[name] : undefined
}

/** Where a label leads. Throws `missing-label`. */
export function targetOf(table: JumpTable, label: string): Address {
  const target = Object.hasOwn(table, label) ? table[label] : undefined
  if (target === undefined)
    throw new MachineError('missing-label', `The jump table has no "${label}", only ${Object.keys(table).join(', ')}`)
  return target
}

/** The instruction that a coroutine is at. Throws `missing-instruction` behind the end of the code. */
export function instructionAt({ code }: Program, { at, id }: Coroutine): Instruction {
  const instruction = code[at]
  if (instruction) return instruction
  throw new MachineError('missing-instruction', `Coroutine ${id}: there is no instruction ${at}`)
}
