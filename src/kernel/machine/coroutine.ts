import { type Endpoint, isEndpoint } from '../session/endpoint.ts'
import type { Address, Register } from './instruction.ts'
import { MachineError } from './machine-error.ts'

/** What a coroutine is doing. */
export type CoroutineState =
  | { readonly kind: 'ready' }
  /** Tried something that cannot happen yet; `what` says it to people. */
  | { readonly kind: 'blocked'; readonly what: string }
  | { readonly kind: 'halted' }
  | { readonly kind: 'failed'; readonly error: Error }

/** A thread of a machine: a place in the program and registers of its own. */
export class Coroutine {
  readonly id: number
  state: CoroutineState = { kind: 'ready' }
  at: Address
  readonly #registers: unknown[]

  constructor(id: number, at: Address, registers: number, args: readonly unknown[]) {
    this.id = id
    this.at = at
    this.#registers = Array.from({ length: registers }, (_, index) => args[index])
    if (args.length > registers) this.#missing(registers)
  }

  get alive(): boolean {
    return this.state.kind === 'ready' || this.state.kind === 'blocked'
  }

  read(register: Register): unknown {
    this.check(register)
    return this.#registers[register]
  }

  write(register: Register, value: unknown): void {
    this.check(register)
    this.#registers[register] = value
  }

  /** Throws `missing-register` unless there is such a register. */
  check(register: Register): void {
    if (!Number.isInteger(register) || register < 0 || register >= this.#registers.length) this.#missing(register)
  }

  /** The endpoint in a register. Throws `not-an-endpoint`. */
  endpoint(register: Register): Endpoint {
    const value = this.read(register)
    if (isEndpoint(value)) return value
    throw new MachineError('not-an-endpoint', `Coroutine ${this.id}: register ${register} holds no endpoint`)
  }

  #missing(register: Register): never {
    throw new MachineError(
      'missing-register',
      `Coroutine ${this.id}: there is no register ${register}, only 0 to ${this.#registers.length - 1}`,
    )
  }
}
