import { messageOf } from '../coded-error.ts'
import { ManualClock } from '../manual-clock.ts'
import { seededRandom } from '../seeded-random.ts'
import type { EdgeHandler, EdgeName } from '../session/edge.ts'
import { SessionError } from '../session/session-error.ts'
import { type Endpoint, SessionStore } from '../session/session-store.ts'
import { Coroutine, isEndpoint } from './coroutine.ts'
import type { Address, Instruction, JumpTable, Program, Register } from './instruction.ts'
import { Layers } from './layers.ts'
import { MachineError } from './machine-error.ts'
import { Scheduler, type SchedulerPolicy } from './scheduler.ts'
import type { TraceEntry } from './trace.ts'

/** What a coroutine reaches of the world outside: a function of its arguments and nothing that a seed cannot repeat. */
export type Action = (...args: readonly unknown[]) => unknown

export interface MachineOptions {
  readonly program: Program
  readonly actions?: Readonly<Record<string, Action>>
  readonly handlers?: Readonly<Record<string, EdgeHandler>>
  readonly scheduler: SchedulerPolicy
  readonly seed: number
  readonly onTrace?: (entry: TraceEntry) => void
  /** 10,000 when left out. */
  readonly maxCoroutines?: number
  /** How many steps closing waits for messages under way; 1,000 when left out. */
  readonly drainSteps?: number
}

/** How a run ended: all coroutines did, some wait for ever, or the steps were used up. */
export type RunResult =
  | { readonly kind: 'done'; readonly steps: number; readonly failures: readonly Error[] }
  | { readonly kind: 'stuck'; readonly steps: number; readonly waiting: readonly string[] }
  | { readonly kind: 'out-of-steps'; readonly steps: number }

/** Runs coroutines over a session store. One program, seed and set of answers give one trace. */
export class Machine {
  readonly store: SessionStore
  readonly #options: MachineOptions
  readonly #clock = new ManualClock()
  readonly #scheduler: Scheduler
  readonly #layers = new Layers()
  readonly #coroutines = new Map<number, Coroutine>()
  /** Who waits for something to happen in a session (its number) or to a layer (its name). */
  readonly #waiting = new Map<number | string, Set<Coroutine>>()
  readonly #failures: Error[] = []
  #nextId = 1
  #steps = 0
  #running = 0

  constructor(options: MachineOptions) {
    this.#options = options
    this.#scheduler = new Scheduler(options.scheduler, seededRandom(options.seed))
    this.store = new SessionStore({
      clock: this.#clock,
      drainMs: options.drainSteps ?? 1000,
      onEvent: (event) => {
        this.#trace(event)
        this.#wake(event.sid)
      },
    })
  }

  /** Coroutines that have neither halted nor failed. */
  get alive(): number {
    return this.#coroutines.size
  }

  /** Starts a coroutine from outside and gives its number. */
  spawn(at: Address, args: readonly unknown[] = []): number {
    const most = this.#options.maxCoroutines ?? 10_000
    if (this.#coroutines.size >= most)
      throw new MachineError('too-many-coroutines', `Cannot spawn: ${most} coroutines are alive`)
    const child = new Coroutine(this.#nextId, at, this.#options.program.registers, args)
    this.#nextId++
    this.#coroutines.set(child.id, child)
    this.#scheduler.add(child)
    return child.id
  }

  /** Runs until nothing can go on or `maxSteps` instructions have been tried. */
  run(maxSteps: number): RunResult {
    for (const limit = this.#steps + maxSteps; this.#steps < limit;) {
      const coroutine = this.#scheduler.next()
      if (coroutine) this.#step(coroutine)
      else if (this.#coroutines.size === 0) return { kind: 'done', steps: this.#steps, failures: this.#failures }
      else if (this.#clock.pending > 0) this.#tick()
      else return { kind: 'stuck', steps: this.#steps, waiting: this.#describeWaiting() }
    }
    return { kind: 'out-of-steps', steps: this.#steps }
  }

  /** A step in which nobody runs: only time goes on, for sessions that drain. */
  #tick(): void {
    this.#steps++
    this.#running = 0
    this.#clock.advance(1)
  }

  #step(coroutine: Coroutine): void {
    this.#steps++
    this.#running = coroutine.id
    this.#clock.advance(1)
    const instruction = this.#options.program.code[coroutine.at]
    try {
      if (!instruction)
        throw new MachineError(
          'missing-instruction',
          `Coroutine ${coroutine.id}: there is no instruction ${coroutine.at}`,
        )
      const wait = this.#execute(coroutine, instruction)
      if (wait) this.#block(coroutine, wait)
    } catch (error) {
      this.#fail(coroutine, error instanceof Error ? error : new Error(String(error)))
    }
  }

  /** Runs one instruction and moves on, or says what it has to wait for. */
  #execute(coroutine: Coroutine, instruction: Instruction): Wait | undefined {
    const next = coroutine.at + 1
    switch (instruction.op) {
      case 'set':
        coroutine.write(instruction.dst, instruction.value)
        break
      case 'move':
        coroutine.write(instruction.dst, coroutine.read(instruction.src))
        break
      case 'send':
      case 'choose':
        return this.#send(coroutine, instruction)
      case 'receive':
      case 'offer':
        return this.#receive(coroutine, instruction)
      case 'open':
        this.#open(coroutine, instruction)
        break
      case 'close':
        return this.#close(coroutine, instruction)
      case 'invoke':
        this.#invoke(coroutine, instruction)
        break
      case 'acquire':
        if (!this.#layers.acquire(instruction.layer, coroutine.id))
          return { on: instruction.layer, to: `acquire "${instruction.layer}"` }
        this.#trace({ type: 'Acquired', layer: instruction.layer })
        break
      case 'release':
        this.#layers.release(instruction.layer, coroutine.id)
        this.#trace({ type: 'Released', layer: instruction.layer })
        this.#wake(instruction.layer)
        break
      case 'transfer':
        this.#transfer(coroutine, instruction)
        break
      case 'spawn':
        this.#spawn(coroutine, instruction)
        break
      case 'jump':
        coroutine.at = instruction.to
        return undefined
      case 'yield':
        this.#scheduler.yield()
        break
      case 'halt':
        this.#trace({ type: 'Halted' })
        this.#end(coroutine, { kind: 'halted' })
        break
    }
    coroutine.at = next
    return undefined
  }

  /** The endpoint in a register, which the coroutine has to own: registers can hold copies of what was given away. */
  #endpoint(coroutine: Coroutine, register: Register): Endpoint {
    const endpoint = coroutine.endpoint(register)
    this.#wantOwner(coroutine, endpoint)
    return endpoint
  }

  #wantOwner(coroutine: Coroutine, endpoint: Endpoint): void {
    if (this.store.ownerOf(endpoint) === coroutine.id) return
    throw new SessionError(
      'not-owner',
      `Coroutine ${coroutine.id} does not own ${endpoint.role} of session ${endpoint.sid}`,
    )
  }

  #send(coroutine: Coroutine, instruction: Instruction & { op: 'send' | 'choose' }): Wait | undefined {
    const endpoint = this.#endpoint(coroutine, instruction.endpoint)
    const label = instruction.op === 'send' ? instruction.label : String(coroutine.read(instruction.label))
    const next = instruction.op === 'send' ? coroutine.at + 1 : targetOf(instruction.table, label)
    const payload = instruction.payload === undefined ? undefined : coroutine.read(instruction.payload)
    if (this.store.send(endpoint, instruction.to, label, payload) === 'blocked') {
      return { on: endpoint.sid, to: `send "${label}" to ${instruction.to}` }
    }
    coroutine.at = next
    return undefined
  }

  #receive(coroutine: Coroutine, instruction: Instruction & { op: 'receive' | 'offer' }): Wait | undefined {
    const endpoint = this.#endpoint(coroutine, instruction.endpoint)
    if (instruction.dst !== undefined) coroutine.check(instruction.dst)
    const message = this.store.receive(endpoint, instruction.from)
    if (!message) return { on: endpoint.sid, to: `receive from ${instruction.from}` }
    if (instruction.op === 'receive' && message.label !== instruction.label) {
      throw new MachineError(
        'missing-label',
        `Coroutine ${coroutine.id} wanted "${instruction.label}", but "${message.label}" came`,
      )
    }
    if (instruction.dst !== undefined) coroutine.write(instruction.dst, message.payload)
    coroutine.at = instruction.op === 'receive' ? coroutine.at + 1 : targetOf(instruction.table, message.label)
    return undefined
  }

  /** Seed 004, `step_open`. Registers and handlers are looked up first, so that a refusal leaves no session behind. */
  #open(coroutine: Coroutine, { dsts, roles, handlers, buffers, ...request }: Instruction & { op: 'open' }): void {
    for (const dst of dsts) coroutine.check(dst)
    if (new Set(dsts).size < dsts.length) {
      throw new MachineError(
        'duplicate-register',
        `Coroutine ${coroutine.id} cannot open "${request.protocol}": an endpoint would overwrite another`,
      )
    }
    const bound = Object.entries(handlers).map(([edge, name]) => {
      const handler = ownEntry(this.#options.handlers, name)
      if (!handler)
        throw new MachineError(
          'missing-handler',
          `Coroutine ${coroutine.id}: there is no handler "${name}" for edge ${edge}`,
        )
      return [edge as EdgeName, handler] as const
    })
    const endpoints = this.store.open({
      protocol: request.protocol,
      roles,
      localTypes: request.localTypes,
      owners: dsts.map(() => coroutine.id),
      handlers: new Map(bound),
      ...(buffers && { buffers: new Map(Object.entries(buffers) as [EdgeName, (typeof buffers)[EdgeName]][]) }),
    })
    for (const [index, dst] of dsts.entries()) coroutine.write(dst, endpoints[index])
  }

  /** Seed 004, `step_close`: the owner begins, and waits until the session has drained. */
  #close(coroutine: Coroutine, instruction: Instruction & { op: 'close' }): Wait | undefined {
    const endpoint = coroutine.endpoint(instruction.endpoint)
    void this.store.close(endpoint, coroutine.id)
    if (this.store.isOpen(endpoint)) return { on: endpoint.sid, to: 'close' }
    coroutine.at++
    return undefined
  }

  #invoke(coroutine: Coroutine, instruction: Instruction & { op: 'invoke' }): void {
    const { action: name, dst } = instruction
    const action = ownEntry(this.#options.actions, name)
    if (!action) throw new MachineError('missing-action', `Coroutine ${coroutine.id}: there is no action "${name}"`)
    if (dst !== undefined) coroutine.check(dst)
    const args = instruction.args.map((register) => coroutine.read(register))
    const result = this.#ask(name, action, args)
    this.#trace({ type: 'Invoked', action: name, args, result })
    if (dst !== undefined) coroutine.write(dst, result)
  }

  /** A failure is an answer of the world outside as well: it is traced, so that it can be replayed. */
  #ask(name: string, action: Action, args: readonly unknown[]): unknown {
    try {
      return action(...args)
    } catch (error) {
      this.#trace({ type: 'InvokeFailed', action: name, args, code: codeOf(error), message: messageOf(error) })
      throw error
    }
  }

  #transfer(coroutine: Coroutine, instruction: Instruction & { op: 'transfer' }): void {
    const target = this.#coroutines.get(Number(coroutine.read(instruction.to)))
    if (!target)
      throw new MachineError(
        'missing-coroutine',
        `Coroutine ${coroutine.id}: nobody to transfer to in register ${instruction.to}`,
      )
    target.check(instruction.dst)
    const endpoint = coroutine.endpoint(instruction.endpoint)
    this.store.transfer(endpoint, coroutine.id, target.id)
    coroutine.write(instruction.endpoint, undefined)
    target.write(instruction.dst, endpoint)
    this.#trace({ type: 'Transferred', sid: endpoint.sid, role: endpoint.role, to: target.id })
  }

  #spawn(coroutine: Coroutine, instruction: Instruction & { op: 'spawn' }): void {
    if (instruction.dst !== undefined) coroutine.check(instruction.dst)
    const args = instruction.args.map((register) => coroutine.read(register))
    // All of it is checked before the child is there.
    for (const value of args) if (isEndpoint(value)) this.#wantOwner(coroutine, value)
    const child = this.spawn(instruction.at, args)
    for (const [index, value] of args.entries()) {
      if (!isEndpoint(value)) continue
      if (this.store.ownerOf(value) !== child) this.store.transfer(value, coroutine.id, child)
      coroutine.write(instruction.args[index] as Register, undefined)
    }
    if (instruction.dst !== undefined) coroutine.write(instruction.dst, child)
    this.#trace({ type: 'Spawned', child })
  }

  /** A coroutine that breaks ends its own conversations with it, and nothing else. */
  #fail(coroutine: Coroutine, error: Error): void {
    this.#failures.push(error)
    this.#trace({ type: 'Failed', code: codeOf(error), message: messageOf(error) })
    this.#end(coroutine, { kind: 'failed', error })
    for (const endpoint of coroutine.endpoints()) {
      if (this.store.isOwner(endpoint, coroutine.id))
        this.store.fault(endpoint, `coroutine ${coroutine.id} failed: ${messageOf(error)}`)
    }
  }

  #end(coroutine: Coroutine, state: Coroutine['state']): void {
    coroutine.state = state
    for (const layer of this.#layers.forget(coroutine.id)) this.#wake(layer)
    this.#coroutines.delete(coroutine.id)
    this.#scheduler.remove(coroutine)
  }

  #block(coroutine: Coroutine, { on, to }: Wait): void {
    coroutine.state = { kind: 'blocked', what: `coroutine ${coroutine.id} waits to ${to} (${on})` }
    this.#scheduler.remove(coroutine)
    this.#waiting.set(on, (this.#waiting.get(on) ?? new Set()).add(coroutine))
  }

  /** Something happened to a session or a layer: those who wait for it try again. */
  #wake(on: number | string): void {
    const waiting = this.#waiting.get(on)
    if (!waiting) return
    this.#waiting.delete(on)
    for (const coroutine of waiting) {
      if (!coroutine.alive) continue
      coroutine.state = { kind: 'ready' }
      this.#scheduler.add(coroutine)
    }
  }

  #describeWaiting(): string[] {
    return [...this.#coroutines.values()].flatMap(({ state }) => (state.kind === 'blocked' ? [state.what] : []))
  }

  #trace(entry: TraceBody): void {
    this.#options.onTrace?.({ step: this.#steps, coroutine: this.#running, ...entry })
  }
}

/** What a coroutine waits for: a session by its number or a layer by its name, and to do what then. */
interface Wait {
  readonly on: number | string
  readonly to: string
}

type TraceBody = TraceEntry extends infer Entry
  ? Entry extends unknown
    ? Omit<Entry, 'step' | 'coroutine'>
    : never
  : never

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'error'
}

/** What a record holds under that very name, not what every object has. */
function ownEntry<T>(record: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return record && Object.hasOwn(record, name) ? record[name] : undefined
}

function targetOf(table: JumpTable, label: string): Address {
  const target = Object.hasOwn(table, label) ? table[label] : undefined
  if (target === undefined)
    throw new MachineError('missing-label', `The jump table has no "${label}", only ${Object.keys(table).join(', ')}`)
  return target
}
