import assert from 'node:assert/strict'
import { messageOf } from '../../src/kernel/coded-error.ts'
import { KeyedPaces } from '../../src/http/keyed-paces.ts'
import { silentLog } from '../../src/kernel/log.ts'
import { ManualClock } from '../../src/kernel/manual-clock.ts'
import { seededRandom } from '../../src/kernel/seeded-random.ts'
import { PartyError } from '../../src/party/contract/party-error.ts'
import { createControlService } from '../../src/party/control/control-service.ts'
import { ControlSockets } from '../../src/party/control/control-sockets.ts'
import { PartyVersions } from '../../src/party/control/party-versions.ts'
import { PartyRegistry } from '../../src/party/registry/party-registry.ts'
import { openMemoryPartyRecords } from '../../src/store/memory-party-records.ts'
import type { KnownParty } from '../../src/store/party-state.ts'
import { peerOf } from '../../src/wire/party/records.ts'
import {
  formatPartyScript,
  shrinkPartyScript,
  writePartyScript,
  type PartyDeed,
  type PartyScript,
} from './party-script.ts'
import { PartyView } from './party-view.ts'
import { SimulatedClient } from './simulated-clients.ts'
import { partyId, type SimulatedHost } from './simulated-host.ts'
import { SimulatedManager } from './simulated-managers.ts'

/** What happened in a simulated party. */
export interface SimulatedParty {
  joins: number
  leaves: number
  crashes: number
  partitions: number
  hostChanges: number
  /** Most members at once whose views were compared with what the registry says. */
  mostCompared: number
  /** Comparisons of a view. */
  compared: number
}

/** Of what its members are made: the product's managers, or clients written for the simulation, of which thousands run in a process. */
export type SimulatedKind = 'managers' | 'clients'

export interface SimulationOptions {
  readonly seed: number
  readonly hosts: number
  readonly minutes: number
  readonly kind: SimulatedKind
  /** What is to be found out by it, as a test of the simulation itself breaks something on purpose. */
  readonly sabotage?: (world: { registry: PartyRegistry; hosts: readonly SimulatedHost[]; nowMs: number }) => void
}

const tickMs = 100
/** The promise: whoever is live knows what is true, or was true so short a time ago. */
const agreeWithinMs = 5000
const eager = { perSecond: 1000, burst: 1000 }
/** Of a script that fails, until the shortest that was found by then is told. */
const mostRuns = 120

/**
 * A party of many hosts with a real registry and the real live updates of a control plane, in virtual time. Hosts come, go, crash and
 * come back; networks are cut and come back; hosts of the party leave and another one takes over. Each second it is asserted that the
 * party has one host who is in it, that nobody has another one's address, and that each live member knows what is true. What fails tells
 * the seed, and as few of its events as it takes.
 */
export async function simulateParty(options: SimulationOptions): Promise<SimulatedParty> {
  const script = writePartyScript(options)
  const first = await runScript(options, script)
  if (!first.failure) return first.figures
  const untilMs = first.failure.atMs
  const upToThen = script.filter(({ atMs }) => atMs <= untilMs)
  // In another way it may fail because it was made shorter.
  const fails = async (shorter: PartyScript) =>
    (await runScript(options, shorter, untilMs)).failure?.kind === first.failure?.kind
  const least = await shrinkPartyScript(upToThen, fails, mostRuns)
  const { failure = first.failure } = await runScript(options, least, untilMs)
  const { seed, hosts, kind } = options
  throw new Error(
    `The party of seed ${seed} (${hosts} ${kind}) failed after ${failure.atMs / 1000} s: ${failure.why}\n` +
      `with these of its ${script.length} events:\n${formatPartyScript(least)}`,
  )
}

type FailureKind = 'no host' | 'an address' | 'a view' | 'something else'

/** What was promised, and is not so. */
class BrokenPromise extends Error {
  readonly kind: FailureKind

  constructor(kind: FailureKind, message: string) {
    super(message)
    this.kind = kind
  }
}

interface ScriptRun {
  readonly figures: SimulatedParty
  readonly failure: { readonly atMs: number; readonly kind: FailureKind; readonly why: string } | undefined
}

async function runScript(options: SimulationOptions, script: PartyScript, untilMs?: number): Promise<ScriptRun> {
  const simulation = await Simulation.open(options)
  try {
    await simulation.run(script, untilMs ?? options.minutes * 60_000)
    return { figures: simulation.figures, failure: undefined }
  } catch (error) {
    const kind = error instanceof BrokenPromise ? error.kind : 'something else'
    return { figures: simulation.figures, failure: { atMs: simulation.nowMs, kind, why: messageOf(error) } }
  } finally {
    simulation.close()
  }
}

class Simulation {
  readonly figures: SimulatedParty = {
    joins: 0,
    leaves: 0,
    crashes: 0,
    partitions: 0,
    hostChanges: 0,
    mostCompared: 0,
    compared: 0,
  }
  readonly #clock: ManualClock
  readonly #registry: PartyRegistry
  readonly #plane: Disposable
  readonly #hosts: readonly SimulatedHost[]
  readonly #options: SimulationOptions
  /** What the party looked like, by when that was last so. */
  readonly #recent = new Map<string, number>()
  readonly #told = new PartyView()
  /** Networks that are cut at once are one partition. */
  #lastCutMs = -1

  private constructor(
    options: SimulationOptions,
    parts: { clock: ManualClock; registry: PartyRegistry; plane: Disposable; hosts: readonly SimulatedHost[] },
  ) {
    const { registry } = parts
    this.#options = options
    this.#clock = parts.clock
    this.#registry = registry
    this.#plane = parts.plane
    this.#hosts = parts.hosts
    registry.events.subscribe((event) => {
      if (event.type === 'host-changed') this.figures.hostChanges++
      if (event.type === 'peer-joined') this.figures.joins++
      // Members pass through what they are told of, one thing after the other.
      if (event.type === 'peer-joined' || event.type === 'peer-changed') {
        this.#told.put(event.peer.peerId, event.peer.publicPort ?? 0)
      } else if (event.type === 'peer-left') this.#told.remove(event.peerId)
      else if (event.type === 'host-changed') this.#told.hostId = event.party.record.hostId
      this.#remember()
    })
  }

  static async open(options: SimulationOptions): Promise<Simulation> {
    const clock = new ManualClock()
    const registry = await PartyRegistry.open({ records: openMemoryPartyRecords(), clock, log: silentLog })
    const { plane, hosts } =
      options.kind === 'managers'
        ? await openManagers(options, { clock, registry })
        : openClients(options, { clock, registry })
    const simulation = new Simulation(options, { clock, registry, plane, hosts })
    const [first] = hosts
    assert.ok(first)
    simulation.#told.hostId = first.id
    // It is the first of the hosts, before it has come: what is found out is told by itself.
    const host = peerOf({
      peer_id: first.id,
      name: first.id,
      public_key: '',
      nat_type: 'full_cone',
      public_ip: '198.51.100.1',
      public_port: 4000,
      local_ip: null,
      local_port: null,
      last_seen: undefined,
    })
    await registry.registerParty({ id: partyId, name: 'Friday', host, whenHostLeaves: 'migrate' })
    return simulation
  }

  get nowMs(): number {
    return this.#clock.nowMs()
  }

  async run(script: PartyScript, untilMs: number): Promise<void> {
    const left = script.toSorted((one, other) => one.atMs - other.atMs)
    let next = 0
    for (let tick = 0; this.nowMs < untilMs; tick++) {
      this.#clock.advance(tickMs)
      for (const host of this.#hosts) host.tick()
      // Lets what was begun come to its end.
      for (let turn = 0; turn < (this.#options.kind === 'managers' ? 3 : 1); turn++) await new Promise(setImmediate)
      for (let deed = left[next]; deed && deed.atMs <= this.nowMs; deed = left[++next]) this.#do(deed)
      this.#options.sabotage?.({ registry: this.#registry, hosts: this.#hosts, nowMs: this.nowMs })
      if (tick % 10 === 0) this.#check()
      if (tick % 600 === 0) void this.#registry.cleanUp()
    }
  }

  close(): void {
    for (const host of this.#hosts) host.close()
    this.#plane[Symbol.dispose]()
  }

  #do({ who, what, forMs, atMs }: PartyDeed): void {
    const { figures } = this
    const host =
      who === 'party-host' ? this.#hosts.find(({ id }) => id === this.#party?.record.hostId) : this.#hosts[who]
    if (!host) return
    switch (what) {
      case 'come':
        return void host.come()
      case 'leave':
        return void (host.leave(forMs) && figures.leaves++)
      case 'crash':
        return void (host.crash(forMs) && figures.crashes++)
      case 'move':
        return void host.move()
      case 'cut':
        if (host.cut(forMs) && this.#lastCutMs !== atMs) {
          this.#lastCutMs = atMs
          figures.partitions++
        }
    }
  }

  /** Undefined when all have left at once. */
  get #party(): KnownParty | undefined {
    return partyIn(this.#registry)
  }

  #check(): void {
    const party = this.#party
    if (!party) return
    const { record, peers, addresses } = party
    const demand = (isSo: boolean, kind: FailureKind, otherwise: string) => {
      if (!isSo) throw new BrokenPromise(kind, otherwise)
    }
    demand(peers.has(record.hostId), 'no host', `its host ${record.hostId} is not in it`)
    const numbers = new Set([...addresses.values()].map(({ number }) => number))
    demand(numbers.size === addresses.size, 'an address', 'an address is there twice')
    for (const peerId of peers.keys()) demand(addresses.has(peerId), 'an address', `${peerId} has no address`)
    this.#remember()
    const { nowMs } = this
    for (const [print, atMs] of this.#recent) if (nowMs - atMs > agreeWithinMs) this.#recent.delete(print)
    let count = 0
    for (const host of this.#hosts) {
      if (!host.isLiveFor(agreeWithinMs)) continue
      count++
      demand(this.#recent.has(host.print), 'a view', `${host.id} believes what was not so for 5 s`)
    }
    this.figures.compared += count
    this.figures.mostCompared = Math.max(this.figures.mostCompared, count)
  }

  /** What is so, and what has been told of it so far. */
  #remember(): void {
    const { nowMs } = this
    this.#recent.set(this.#told.print, nowMs)
    const party = this.#party
    if (!party) return
    const { record, peers } = party
    const whole = new PartyView()
    whole.hostId = record.hostId
    for (const { peerId, publicPort } of peers.values()) whole.put(peerId, publicPort ?? 0)
    this.#recent.set(whole.print, nowMs)
  }
}

function partyIn(registry: PartyRegistry): KnownParty | undefined {
  try {
    return registry.party(partyId)
  } catch (error) {
    if (error instanceof PartyError && error.code === 'party-not-found') return undefined
    throw error
  }
}

interface Ground {
  readonly clock: ManualClock
  readonly registry: PartyRegistry
}

/** Each has randomness of its own, so that leaving one out changes nothing of the others. */
const randomOf = ({ seed }: SimulationOptions, index: number) => seededRandom(seed * 7919 + index)

function openClients(options: SimulationOptions, { clock, registry }: Ground) {
  const paces = new KeyedPaces(clock, eager)
  const sockets = new ControlSockets({
    registry,
    versions: new PartyVersions(registry, clock),
    paces,
    mayMakeParties: () => true,
    clock,
    log: silentLog,
  })
  const hosts = Array.from({ length: options.hosts }, (_, index) => {
    const source = `10.0.${index >> 8}.${index & 255}`
    return new SimulatedClient(`host-${index}`, {
      clock,
      random: randomOf(options, index),
      registry,
      accept: (link) => sockets.accept(link, { source }),
    })
  })
  return { plane: sockets, hosts }
}

async function openManagers(options: SimulationOptions, { clock, registry }: Ground) {
  const paces = { registrations: eager, parties: eager }
  const service = createControlService({ registry, clock, log: silentLog, paces })
  const hosts = await Promise.all(
    Array.from({ length: options.hosts }, (_, index) =>
      SimulatedManager.open({ id: `host-${index}`, clock, random: randomOf(options, index), service }),
    ),
  )
  return { plane: service, hosts }
}
