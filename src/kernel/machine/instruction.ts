import type { LocalType } from '../protocol/local-type.ts'
import type { BufferConfig } from '../bounded-buffer.ts'
import type { EdgeName } from '../session/edge.ts'
import { MachineError } from './machine-error.ts'

/** Number of a register of the coroutine that runs the instruction. */
export type Register = number
/** Place of an instruction in its program. */
export type Address = number
/** Where each label leads. */
export type JumpTable = Readonly<Record<string, Address>>

/** What a coroutine can do. Endpoints live in registers like any other value. */
export type Instruction =
  | { readonly op: 'set'; readonly dst: Register; readonly value: unknown }
  | { readonly op: 'move'; readonly dst: Register; readonly src: Register }
  /** Sends the one message that is allowed; waits while the edge is full. */
  | {
      readonly op: 'send'
      readonly endpoint: Register
      readonly to: string
      readonly label: string
      readonly payload?: Register
    }
  | {
      readonly op: 'receive'
      readonly endpoint: Register
      readonly from: string
      readonly label: string
      readonly dst?: Register
    }
  /** Sends the message whose label is in register `label` and goes where the table says. */
  | {
      readonly op: 'choose'
      readonly endpoint: Register
      readonly to: string
      readonly label: Register
      readonly payload?: Register
      readonly table: JumpTable
    }
  /** Receives whichever message comes and goes where the table says. */
  | {
      readonly op: 'offer'
      readonly endpoint: Register
      readonly from: string
      readonly dst?: Register
      readonly table: JumpTable
    }
  /** Opens a session and writes its endpoints, in order of roles, to `dsts` (seed 004). */
  | {
      readonly op: 'open'
      readonly protocol: string
      readonly roles: readonly string[]
      readonly localTypes: readonly LocalType[]
      /** Edge -> name of one of the machine's handlers. */
      readonly handlers: Readonly<Record<EdgeName, string>>
      readonly buffers?: Readonly<Record<EdgeName, BufferConfig>>
      /** Name of what the machine has to authenticate the session with; left out, messages are not signed. */
      readonly auth?: string
      readonly dsts: readonly Register[]
    }
  /** Says that an endpoint is done that this coroutine owns and that is at its end; goes on when what it sent was taken. */
  | { readonly op: 'close'; readonly endpoint: Register }
  /** Calls one of the machine's actions, the only way to the world outside. */
  | { readonly op: 'invoke'; readonly action: string; readonly args: readonly Register[]; readonly dst?: Register }
  /** Waits until nobody else holds the layer, in order of asking. */
  | { readonly op: 'acquire'; readonly layer: string }
  | { readonly op: 'release'; readonly layer: string }
  /** Gives an endpoint to the coroutine whose number is in register `to`, into its register `dst`. */
  | { readonly op: 'transfer'; readonly endpoint: Register; readonly to: Register; readonly dst: Register }
  /** Starts a coroutine; its first registers are the arguments, and endpoints among them become its own. */
  | { readonly op: 'spawn'; readonly at: Address; readonly args: readonly Register[]; readonly dst?: Register }
  | { readonly op: 'jump'; readonly to: Address }
  | { readonly op: 'yield' }
  /** Ends the coroutine. Its endpoints that are at their end are done; a session that it owns another end of is faulted. */
  | { readonly op: 'halt' }

/** All of them by name, so that none is missing from what a program is checked against. */
const operations: Readonly<Record<Instruction['op'], true>> = {
  set: true,
  move: true,
  send: true,
  receive: true,
  choose: true,
  offer: true,
  open: true,
  close: true,
  invoke: true,
  acquire: true,
  release: true,
  transfer: true,
  spawn: true,
  jump: true,
  yield: true,
  halt: true,
}

/** Throws `unknown-instruction`, with its place, for code that no machine runs, and `malformed-option` for its registers. */
export function checkProgram({ code, registers }: Program): void {
  if (!Number.isSafeInteger(registers) || registers < 0) {
    throw new MachineError('malformed-option', `A program of ${registers} registers cannot be run`)
  }
  for (const [address, instruction] of code.entries()) {
    const op: unknown = (instruction as Partial<Instruction> | null | undefined)?.op
    if (typeof op === 'string' && Object.hasOwn(operations, op)) continue
    throw new MachineError('unknown-instruction', `Instruction ${address}: there is no "${String(op)}"`)
  }
}

export interface Program {
  readonly code: readonly Instruction[]
  /** Registers of each coroutine. */
  readonly registers: number
}
