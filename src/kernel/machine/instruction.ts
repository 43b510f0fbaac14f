import type { LocalType } from '../protocol/local-type.ts'
import type { BufferConfig } from '../bounded-buffer.ts'
import type { EdgeName } from '../session/edge.ts'

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
      readonly dsts: readonly Register[]
    }
  /** Closes the session of an endpoint that this coroutine owns; goes on when it has ended. */
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
  | { readonly op: 'halt' }

export interface Program {
  readonly code: readonly Instruction[]
  /** Registers of each coroutine. */
  readonly registers: number
}
