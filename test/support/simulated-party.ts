import assert from 'node:assert/strict'
import * as v from 'valibot'
import { Backoff } from '../../src/kernel/backoff.ts'
import { silentLog } from '../../src/kernel/log.ts'
import { ManualClock } from '../../src/kernel/manual-clock.ts'
import { seededRandom } from '../../src/kernel/seeded-random.ts'
import { ControlSockets } from '../../src/party/control/control-sockets.ts'
import { KeyedPaces } from '../../src/http/keyed-paces.ts'
import { PartyRegistry } from '../../src/party/registry/party-registry.ts'
import { openMemoryPartyRecords } from '../../src/store/memory-party-records.ts'
import { partyServerMessage, type PartyClientMessage, type PartyServerMessage } from '../../src/wire/party/socket.ts'
import { peerOf } from '../../src/wire/party/records.ts'
import { PartyView } from './party-view.ts'
import { DelayedPipe } from './delayed-pipe.ts'

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

const partyId = 'friday'
const tickMs = 100
/** The promise: whoever is live knows what is true, or was true so short a time ago. */
const agreeWithinMs = 5000
/** A connection outlives a cut of its network for so long, and what was sent meanwhile comes then. */
const connectionOutlivesMs = 20_000
const heartbeatMs = 30_000
const retrying = { baseDelayMs: 1000, maxDelayMs: 30_000, jitterFactor: 0.3, healthyAfterMs: 60_000 }

/**
 * A party of many hosts with a real registry and the real live updates of a control plane, in virtual time, over links with delays. Hosts come,
 * go, crash and come back; networks are cut and come back; hosts of the party leave and another one takes over. Each second it is
 * asserted that the party has one host who is in it, that nobody has another one's address, and that each live member knows what is true.
 * What fails says the seed.
 */
export async function simulateParty(options: {
  seed: number
  hosts: number
  minutes: number
}): Promise<SimulatedParty> {
  const simulation = await Simulation.open(options)
  try {
    await simulation.run(options.minutes)
  } catch (error) {
    throw new Error(`The party of seed ${options.seed} failed: ${String(error)}`, { cause: error })
  } finally {
    simulation.close()
  }
  return simulation.figures
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
  readonly #random: () => number
  readonly #registry: PartyRegistry
  readonly #sockets: ControlSockets
  readonly #hosts: readonly SimulatedHost[]
  /** What the party looked like, by when that was last so. */
  readonly #recent = new Map<string, number>()
  readonly #told = new PartyView()

  private constructor(options: { clock: ManualClock; random: () => number; registry: PartyRegistry; hosts: number }) {
    const { clock, random, registry } = options
    this.#clock = clock
    this.#random = random
    this.#registry = registry
    const paces = new KeyedPaces(clock, { perSecond: 1000, burst: 1000 })
    this.#sockets = new ControlSockets({ registry, paces, mayMakeParties: () => true, clock, log: silentLog })
    this.#hosts = Array.from({ length: options.hosts }, (_, index) => {
      const accept = (link: DelayedPipe) => this.#sockets.accept(link, { source: `10.0.${index >> 8}.${index & 255}` })
      return new SimulatedHost(`host-${index}`, { clock, random, registry, accept })
    })
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

  static async open({ seed, hosts }: { seed: number; hosts: number }): Promise<Simulation> {
    const clock = new ManualClock()
    const registry = await PartyRegistry.open({ records: openMemoryPartyRecords(), clock, log: silentLog })
    const simulation = new Simulation({ clock, random: seededRandom(seed), registry, hosts })
    const [first] = simulation.#hosts
    assert.ok(first)
    simulation.#told.hostId = first.id
    const host = peerOf({ ...first.info(), last_seen: undefined })
    await registry.registerParty({ id: partyId, name: 'Friday', host, whenHostLeaves: 'migrate' })
    return simulation
  }

  async run(minutes: number): Promise<void> {
    const { figures } = this
    const random = this.#random
    const pick = () => this.#hosts[Math.floor(random() * this.#hosts.length)]
    const ticks = (minutes * 60_000) / tickMs
    for (const [index, host] of this.#hosts.entries()) host.comeAfter((index / this.#hosts.length) * 30_000)
    for (let tick = 0; tick < ticks; tick++) {
      this.#clock.advance(tickMs)
      for (const host of this.#hosts) host.tick()
      // Lets what was begun come to its end.
      await new Promise(setImmediate)
      if (tick % 10 === 0) this.#check()
      if (tick % 600 === 0) void this.#registry.cleanUp()
      if (tick < 400) continue
      const host = random() < 0.1 ? this.#hosts.find(({ id }) => id === this.#hostId()) : pick()
      const chance = random()
      if (chance < 0.03 && host?.leave()) figures.leaves++
      else if (chance < 0.05 && host?.crash()) figures.crashes++
      else if (chance < 0.06) host?.move()
      else if (chance < 0.063) {
        const forMs = 2000 + random() * 60_000
        const share = random() * 0.3
        figures.partitions++
        for (const each of this.#hosts) if (random() < share) each.cut(forMs)
      }
    }
  }

  close(): void {
    this.#sockets[Symbol.dispose]()
  }

  #hostId(): string {
    return this.#registry.party(partyId).record.hostId
  }

  #check(): void {
    const { record, peers, addresses } = this.#registry.party(partyId)
    assert.ok(peers.has(record.hostId), `its host ${record.hostId} is not in it`)
    const numbers = new Set([...addresses.values()].map(({ number }) => number))
    assert.equal(numbers.size, addresses.size, 'an address is there twice')
    for (const peerId of peers.keys()) assert.ok(addresses.has(peerId), `${peerId} has no address`)
    this.#remember()
    const nowMs = this.#clock.nowMs()
    for (const [print, atMs] of this.#recent) if (nowMs - atMs > agreeWithinMs) this.#recent.delete(print)
    let count = 0
    for (const host of this.#hosts) {
      if (!host.isLiveFor(agreeWithinMs)) continue
      count++
      assert.ok(this.#recent.has(host.view.print), `${host.id} believes what was not so for 5 s, at ${nowMs} ms`)
    }
    this.figures.compared += count
    this.figures.mostCompared = Math.max(this.figures.mostCompared, count)
  }

  /** What is so, and what has been told of it so far. */
  #remember(): void {
    const nowMs = this.#clock.nowMs()
    this.#recent.set(this.#told.print, nowMs)
    const { record, peers } = this.#registry.party(partyId)
    const whole = new PartyView()
    whole.hostId = record.hostId
    for (const { peerId, publicPort } of peers.values()) whole.put(peerId, publicPort ?? 0)
    this.#recent.set(whole.print, nowMs)
  }
}

interface HostOptions {
  readonly clock: ManualClock
  readonly random: () => number
  readonly registry: PartyRegistry
  /** The control plane takes over its end. */
  readonly accept: (link: DelayedPipe) => void
}

/** A member as a client of a control plane is one: it joins, says that it is alive, follows what it is told, and comes back. */
class SimulatedHost {
  readonly id: string
  readonly view = new PartyView()
  readonly #options: HostOptions
  readonly #backoff: Backoff
  #token: string | undefined
  #port = 4000
  #link: DelayedPipe | undefined
  #connectAtMs = Infinity
  #nextHeartbeatMs = Infinity
  /** Since when it is in the party and its network is whole. */
  #liveSinceMs = Infinity
  #cutUntilMs = 0

  constructor(id: string, options: HostOptions) {
    this.id = id
    this.#options = options
    this.#backoff = new Backoff(retrying, options.clock, options.random)
  }

  info() {
    return {
      peer_id: this.id,
      name: this.id,
      public_key: 'key',
      nat_type: 'full_cone' as const,
      public_ip: '198.51.100.1',
      public_port: this.#port,
      local_ip: null,
      local_port: null,
    }
  }

  comeAfter(delayMs: number): void {
    this.#connectAtMs = this.#nowMs + delayMs
  }

  isLiveFor(ms: number): boolean {
    return this.#nowMs - this.#liveSinceMs >= ms
  }

  /** In order, and comes back in a minute or two. False where it is not here. */
  leave(): boolean {
    if (!this.#link || this.#liveSinceMs === Infinity) return false
    this.#say({ type: 'leave_party', party_id: partyId, peer_id: this.id })
    this.#gone(30_000 + this.#options.random() * 60_000)
    return true
  }

  /** Without a word: for the control plane it is silent until it is cleaned up, or comes back. */
  crash(): boolean {
    if (!this.#link) return false
    this.#link.cutForEver()
    this.#link = undefined
    this.#gone(10_000 + this.#options.random() * 600_000)
    return true
  }

  /** It is found at another port. */
  move(): void {
    if (!this.#link || this.#liveSinceMs === Infinity) return
    this.#port++
    this.#say({ type: 'join_party', party_id: partyId, peer: this.info() })
  }

  /** Its network. */
  cut(forMs: number): void {
    if (this.#cutUntilMs > 0) return
    this.#cutUntilMs = this.#nowMs + forMs
    this.#liveSinceMs = Infinity
    if (forMs <= connectionOutlivesMs) return this.#link?.hold(this.#cutUntilMs)
    this.#link?.cutForEver()
    this.#link = undefined
  }

  tick(): void {
    const nowMs = this.#nowMs
    if (this.#cutUntilMs > 0 && nowMs >= this.#cutUntilMs) {
      this.#cutUntilMs = 0
      if (this.#link) this.#liveSinceMs = nowMs
      else if (this.#connectAtMs === Infinity) this.#connectAtMs = nowMs + this.#backoff.failed()
    }
    this.#link?.deliver(nowMs)
    if (this.#link && nowMs >= this.#nextHeartbeatMs) {
      this.#nextHeartbeatMs = nowMs + heartbeatMs
      this.#say({ type: 'heartbeat', party_id: partyId, peer_id: this.id })
    }
    if (!this.#link && nowMs >= this.#connectAtMs && this.#cutUntilMs === 0) {
      this.#connectAtMs = Infinity
      void this.#connect()
    }
  }

  async #connect(): Promise<void> {
    const { random, registry, accept } = this.#options
    // By HTTP, as clients do.
    this.#token ??= (await registry.tokens.register(this.id)).token
    const link = new DelayedPipe(20 + random() * 130)
    link.onMessage = (text) => this.#hear(text)
    link.onClosed = () => {
      if (this.#link === link) this.#gone(this.#backoff.failed())
    }
    this.#link = link
    accept(link)
    this.#say({ type: 'auth', peer_id: this.id, token: this.#token })
    this.#say({ type: 'join_party', party_id: partyId, peer: this.info() })
    this.#nextHeartbeatMs = this.#nowMs + heartbeatMs
  }

  #hear(text: string): void {
    const message = read(text)
    switch (message.type) {
      case 'party_update':
        this.view.clear()
        this.view.hostId = message.party.host_id
        for (const peer of Object.values(message.party.peers)) this.view.put(peer.peer_id, peer.public_port ?? 0)
        if (this.#liveSinceMs === Infinity && this.#cutUntilMs === 0) this.#liveSinceMs = this.#nowMs
        this.#backoff.succeeded()
        return
      case 'peer_joined':
        return this.view.put(message.peer.peer_id, message.peer.public_port ?? 0)
      case 'peer_left':
        if (message.peer_id !== this.id) return this.view.remove(message.peer_id)
        // It was away for too long, and comes in again.
        this.#liveSinceMs = Infinity
        return this.#say({ type: 'join_party', party_id: partyId, peer: this.info() })
      case 'error':
        throw new Error(`${this.id} was told ${message.message}`)
      case 'signal':
    }
  }

  #say(message: PartyClientMessage): void {
    this.#link?.say(JSON.stringify(message), this.#nowMs)
  }

  #gone(comesBackMs: number): void {
    const link = this.#link
    this.#link = undefined
    this.#liveSinceMs = Infinity
    this.#connectAtMs = this.#nowMs + comesBackMs
    link?.leave(this.#nowMs)
  }

  get #nowMs(): number {
    return this.#options.clock.nowMs()
  }
}

const mostRead = 64
const lastRead = new Map<string, PartyServerMessage>()

/** What is told to all is read once. */
function read(text: string): PartyServerMessage {
  const known = lastRead.get(text)
  if (known) return known
  const message = v.parse(partyServerMessage, JSON.parse(text))
  const [oldest] = lastRead.keys()
  if (oldest !== undefined && lastRead.size >= mostRead) lastRead.delete(oldest)
  lastRead.set(text, message)
  return message
}
