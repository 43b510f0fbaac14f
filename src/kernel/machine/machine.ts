import { messageOf } from '../coded-error.ts'
import { ManualClock } from '../manual-clock.ts'
import { seededRandom } from '../seeded-random.ts'
import { unfoldIfVarWithScope } from '../protocol/unfold.ts'
import { type EdgeMessage, valueOf } from '../session/edge.ts'
import { type Endpoint, isEndpoint } from '../session/endpoint.ts'
import { SessionStore } from '../session/session-store.ts'
import { Coroutine } from './coroutine.ts'
import { type Address, checkProgram, type Instruction, type Register } from './instruction.ts'
import { Layers } from './layers.ts'
import { codeOf, instructionAt, ownEntry, targetOf } from './lookup.ts'
import { MachineError } from './machine-error.ts'
import type { Action, MachineOptions, RunResult } from './machine-options.ts'
import { requestOf } from './open-instruction.ts'
import { Scheduler } from './scheduler.ts'
import type { TraceEntry } from './trace.ts'
import { Values } from './values.ts'
import { describeWaiting, type Wait, Waiting } from './waiting.ts'

/** Runs coroutines over a session store. One program, seed and set of answers give one trace. */
export class ProtocolMachine {
  readonly store: SessionStore
  readonly #options: MachineOptions
  readonly #maxCoroutines: number
  readonly #clock = new ManualClock()
  readonly #scheduler: Scheduler
  readonly #layers = new Layers()
  readonly #coroutines = new Map<number, Coroutine>()
  readonly #waiting = new Waiting()
  readonly #failures: Error[] = []
  readonly #values = new Values()
  #nextId = 1
  #steps = 0
  #running = 0

  /** Throws `unknown-instruction` and `malformed-option`. */
  constructor(options: MachineOptions) {
    checkProgram(options.program)
    this.#maxCoroutines = options.maxCoroutines ?? 10_000
    if (!Number.isSafeInteger(this.#maxCoroutines)) {
      throw new MachineError('malformed-option', `A machine cannot have ${this.#maxCoroutines} coroutines`)
    }
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
    if (this.#coroutines.size >= this.#maxCoroutines)
      throw new MachineError('too-many-coroutines', `Cannot spawn: ${this.#maxCoroutines} coroutines are alive`)
    const values = args.map((value, index) => this.#values.keep(value, `argument ${index}`))
    const child = new Coroutine(this.#nextId, at, this.#options.program.registers, values)
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
      else if (this.#clock.pending > 0) this.#tick(0)
      else return { kind: 'stuck', steps: this.#steps, waiting: describeWaiting(this.#coroutines.values()) }
    }
    return { kind: 'out-of-steps', steps: this.#steps }
  }

  /** Counts a step of `coroutine`; 0 is one in which nobody runs and only time goes on, for sessions that drain. */
  #tick(coroutine: number): void {
    this.#steps++
    this.#running = coroutine
    this.#clock.advance(1)
  }

  #step(coroutine: Coroutine): void {
    this.#tick(coroutine.id)
    try {
      const wait = this.#execute(coroutine, instructionAt(this.#options.program, coroutine))
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
        coroutine.write(instruction.dst, this.#values.literal(instruction.value, `instruction ${coroutine.at}`))
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
        this.#halt(coroutine)
        break
    }
    coroutine.at = next
    return undefined
  }

  #send(coroutine: Coroutine, instruction: Instruction & { op: 'send' | 'choose' }): Wait | undefined {
    const endpoint = coroutine.endpoint(instruction.endpoint)
    // Registers can hold copies of what was given away.
    const session = this.store.sessionFor(endpoint, coroutine.id)
    const label = instruction.op === 'send' ? instruction.label : String(coroutine.read(instruction.label))
    const next = instruction.op === 'send' ? coroutine.at + 1 : targetOf(instruction.table, label)
    const payload = instruction.payload === undefined ? undefined : coroutine.read(instruction.payload)
    if (session.send(endpoint.role, instruction.to, label, payload) === 'blocked') {
      return { on: endpoint.sid, to: `send "${label}" to ${instruction.to}` }
    }
    coroutine.at = next
    return undefined
  }

  #receive(coroutine: Coroutine, instruction: Instruction & { op: 'receive' | 'offer' }): Wait | undefined {
    const endpoint = coroutine.endpoint(instruction.endpoint)
    const session = this.store.sessionFor(endpoint, coroutine.id)
    if (instruction.dst !== undefined) coroutine.check(instruction.dst)
    const message = session.receive(endpoint.role, instruction.from)
    if (!message) return { on: endpoint.sid, to: `receive from ${instruction.from}` }
    if (instruction.op === 'receive' && message.label !== instruction.label) {
      throw new MachineError(
        'missing-label',
        `Coroutine ${coroutine.id} wanted "${instruction.label}", but "${message.label}" came`,
      )
    }
    if (instruction.dst !== undefined) coroutine.write(instruction.dst, this.#received(coroutine, message))
    coroutine.at = instruction.op === 'receive' ? coroutine.at + 1 : targetOf(instruction.table, message.label)
    return undefined
  }

  #received(coroutine: Coroutine, message: EdgeMessage): unknown {
    return this.#values.keep(valueOf(message), `Coroutine ${coroutine.id}: payload of "${message.label}"`)
  }

  /** Seed 004, `step_open`. Registers and handlers are looked up first, so that a refusal leaves no session behind. */
  #open(coroutine: Coroutine, instruction: Instruction & { op: 'open' }): void {
    const endpoints = this.store.open(requestOf(instruction, coroutine, this.#options))
    for (const [index, dst] of instruction.dsts.entries()) {
      coroutine.write(dst, this.#values.keep(endpoints[index], 'endpoint'))
    }
  }

  /** Seed 004, `step_close`: the owner says that it is done, and waits until what it sent was taken. */
  #close(coroutine: Coroutine, instruction: Instruction & { op: 'close' }): Wait | undefined {
    const endpoint = coroutine.endpoint(instruction.endpoint)
    void this.store.close(endpoint, coroutine.id)
    if (this.store.isOpen(endpoint) && this.store.session(endpoint).underWay(endpoint.role) > 0)
      return { on: endpoint.sid, to: 'close' }
    coroutine.at++
    return undefined
  }

  #invoke(coroutine: Coroutine, instruction: Instruction & { op: 'invoke' }): void {
    const { action: name, dst } = instruction
    const action = ownEntry(this.#options.actions, name)
    if (!action) throw new MachineError('missing-action', `Coroutine ${coroutine.id}: there is no action "${name}"`)
    if (dst !== undefined) coroutine.check(dst)
    const args = instruction.args.map((register) => coroutine.read(register))
    const result = this.#values.keep(this.#ask(name, action, args), `Coroutine ${coroutine.id}: result of "${name}"`)
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
    const given = this.store.transfer(endpoint, coroutine.id, target.id)
    coroutine.write(instruction.endpoint, undefined)
    target.write(instruction.dst, this.#values.keep(given, 'endpoint'))
    this.#trace({ type: 'Transferred', sid: endpoint.sid, role: endpoint.role, to: target.id })
  }

  #spawn(coroutine: Coroutine, instruction: Instruction & { op: 'spawn' }): void {
    if (instruction.dst !== undefined) coroutine.check(instruction.dst)
    const args = instruction.args.map((register) => coroutine.read(register))
    // All of it is checked before the child is there.
    for (const value of args) if (isEndpoint(value)) this.store.sessionFor(value, coroutine.id)
    const child = this.spawn(instruction.at, args)
    const given = new Map<unknown, Endpoint>()
    for (const [index, value] of args.entries()) {
      if (!isEndpoint(value)) continue
      const key = `${value.sid} ${value.role}`
      const moved = given.get(key) ?? this.store.transfer(value, coroutine.id, child)
      given.set(key, moved)
      this.#coroutines.get(child)?.write(index, this.#values.keep(moved, 'endpoint'))
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
    for (const endpoint of this.store.ownedBy(coroutine.id)) {
      if (this.store.isOpen(endpoint))
        this.store.fault(endpoint, `coroutine ${coroutine.id} failed: ${messageOf(error)}`)
    }
  }

  /** What it leaves behind is done, where it is at its end, or broken. */
  #halt(coroutine: Coroutine): void {
    this.#trace({ type: 'Halted' })
    this.#end(coroutine, { kind: 'halted' })
    for (const endpoint of this.store.ownedBy(coroutine.id)) {
      if (!this.store.isOpen(endpoint)) continue
      if (unfoldIfVarWithScope(this.store.lookupType(endpoint)).local.kind === 'end')
        this.store.finish(endpoint, coroutine.id)
      else this.store.fault(endpoint, `coroutine ${coroutine.id} halted before ${endpoint.role} had come to its end`)
    }
  }

  #end(coroutine: Coroutine, state: Coroutine['state']): void {
    coroutine.state = state
    for (const layer of this.#layers.forget(coroutine.id)) this.#wake(layer)
    this.#coroutines.delete(coroutine.id)
    this.#scheduler.remove(coroutine)
  }

  #block(coroutine: Coroutine, wait: Wait): void {
    this.#scheduler.remove(coroutine)
    this.#waiting.add(coroutine, wait)
  }

  /** Something happened to a session or a layer: those who wait for it try again. */
  #wake(on: number | string): void {
    for (const coroutine of this.#waiting.take(on)) this.#scheduler.add(coroutine)
  }

  #trace(entry: TraceBody): void {
    this.#options.onTrace?.({ step: this.#steps, coroutine: this.#running, ...entry })
  }
}

type TraceBody = TraceEntry extends infer Entry
  ? Entry extends unknown
    ? Omit<Entry, 'step' | 'coroutine'>
    : never
  : never
