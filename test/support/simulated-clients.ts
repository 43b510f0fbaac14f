import * as v from 'valibot'
import { Backoff } from '../../src/kernel/backoff.ts'
import type { ManualClock } from '../../src/kernel/manual-clock.ts'
import type { PartyRegistry } from '../../src/party/registry/party-registry.ts'
import { partyServerMessage, type PartyClientMessage, type PartyServerMessage } from '../../src/wire/party/socket.ts'
import { DelayedPipe } from './delayed-pipe.ts'
import { PartyView } from './party-view.ts'
import { partyId, type SimulatedHost } from './simulated-host.ts'

/** A connection outlives a cut of its network for so long, and what was sent meanwhile comes then. */
const connectionOutlivesMs = 20_000
const heartbeatMs = 30_000
const retrying = { baseDelayMs: 1000, maxDelayMs: 30_000, jitterFactor: 0.3, healthyAfterMs: 60_000 }

interface HostOptions {
  readonly clock: ManualClock
  readonly random: () => number
  readonly registry: PartyRegistry
  /** The control plane takes over its end. */
  readonly accept: (link: DelayedPipe) => void
}

/** A member as a client of a control plane is one: it joins, says that it is alive, follows what it is told, and comes back. */
export class SimulatedClient implements SimulatedHost {
  readonly id: string
  readonly #view = new PartyView()
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

  come(): boolean {
    if (this.#link || this.#connectAtMs < Infinity) return false
    this.#connectAtMs = this.#nowMs
    return true
  }

  isLiveFor(ms: number): boolean {
    return this.#nowMs - this.#liveSinceMs >= ms
  }

  get print(): string {
    return this.#view.print
  }

  close(): void {
    this.#link?.cutForEver()
  }

  /** In order, and comes back later. False where it is not here. */
  leave(forMs: number): boolean {
    if (!this.#link || this.#liveSinceMs === Infinity) return false
    this.#say({ type: 'leave_party', party_id: partyId, peer_id: this.id })
    this.#gone(forMs)
    return true
  }

  /** Without a word: for the control plane it is silent until it is cleaned up, or comes back. */
  crash(forMs: number): boolean {
    if (!this.#link) return false
    this.#link.cutForEver()
    this.#link = undefined
    this.#gone(forMs)
    return true
  }

  /** It is found at another port. */
  move(): boolean {
    if (!this.#link || this.#liveSinceMs === Infinity) return false
    this.#port++
    this.#say({ type: 'join_party', party_id: partyId, peer: this.info() })
    return true
  }

  /** Its network. */
  cut(forMs: number): boolean {
    if (this.#cutUntilMs > 0) return false
    this.#cutUntilMs = this.#nowMs + forMs
    this.#liveSinceMs = Infinity
    if (forMs <= connectionOutlivesMs) this.#link?.hold(this.#cutUntilMs)
    else {
      this.#link?.cutForEver()
      this.#link = undefined
    }
    return true
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
        this.#view.clear()
        this.#view.hostId = message.party.host_id
        for (const peer of Object.values(message.party.peers)) this.#view.put(peer.peer_id, peer.public_port ?? 0)
        if (this.#liveSinceMs === Infinity && this.#cutUntilMs === 0) this.#liveSinceMs = this.#nowMs
        this.#backoff.succeeded()
        return
      case 'peer_joined':
        return this.#view.put(message.peer.peer_id, message.peer.public_port ?? 0)
      case 'peer_left':
        if (message.peer_id !== this.id) return this.#view.remove(message.peer_id)
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
