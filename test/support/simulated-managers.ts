import { randomBytes } from 'node:crypto'
import { sleep } from '../../src/kernel/clock.ts'
import { silentLog } from '../../src/kernel/log.ts'
import type { ManualClock } from '../../src/kernel/manual-clock.ts'
import { openMemoryPipe } from '../../src/kernel/memory-pipe.ts'
import type { Pipe } from '../../src/kernel/pipe.ts'
import { keyPairFrom } from '../../src/net/native/node-crypto.ts'
import { PartyError } from '../../src/party/contract/party-error.ts'
import type { Party } from '../../src/party/contract/party.ts'
import type { PlaneWay } from '../../src/party/contract/plane-way.ts'
import { createControlService, type ControlService } from '../../src/party/control/control-service.ts'
import type { KeptIdentity } from '../../src/party/manager/own-identity.ts'
import { PartyManager } from '../../src/party/manager/party-manager.ts'
import { ownWay } from '../../src/party/plane/own-way.ts'
import { PartyRegistry } from '../../src/party/registry/party-registry.ts'
import { openMemoryPartyRecords } from '../../src/store/memory-party-records.ts'
import { PartyView } from './party-view.ts'
import { partyId, type SimulatedHost } from './simulated-host.ts'

/** Of the control plane that all of them are at. */
export const planeUrl = 'http://plane.test'
const never = Infinity

interface ManagerOptions {
  readonly id: string
  readonly clock: ManualClock
  readonly random: () => number
  /** The control plane of the party. */
  readonly service: ControlService
}

/**
 * A member with the product's own `PartyManager`, and a control plane of its own in which nobody else is, as a host has one. Its calls and its
 * conversation come to the party's control plane late, or not at all while its network is cut.
 */
export class SimulatedManager implements SimulatedHost {
  readonly #options: ManagerOptions
  readonly #kept: { identity: KeptIdentity }
  readonly #keys = keyPairFrom(randomBytes(32))
  readonly #own: { readonly way: PlaneWay; readonly registry: PartyRegistry; readonly service: ControlService }
  readonly #pipes = new Set<Pipe>()
  #manager: PartyManager | undefined
  #port = 4000
  #comesAtMs = never
  #cutUntilMs = 0
  #liveSinceMs = never
  #isBusy = false
  #looked: { readonly party: Party | undefined; readonly print: string } | undefined

  private constructor(options: ManagerOptions, registry: PartyRegistry) {
    const { clock } = options
    this.#options = options
    const service = createControlService({ registry, clock, log: silentLog })
    this.#own = { registry, service, way: ownWay(service) }
    this.#kept = { identity: { my_peer_id: options.id, tokens: [] } }
  }

  static async open(options: ManagerOptions): Promise<SimulatedManager> {
    const { clock } = options
    const registry = await PartyRegistry.open({ records: openMemoryPartyRecords(), clock, log: silentLog })
    return new SimulatedManager(options, registry)
  }

  get id(): string {
    return this.#options.id
  }

  get manager(): PartyManager | undefined {
    return this.#manager
  }

  get print(): string {
    const party = this.#manager?.party.value
    // What it sees of a party is decided when somebody looks first, and is another party when something changes.
    if (this.#looked && this.#looked.party === party) return this.#looked.print
    const view = new PartyView()
    view.hostId = party?.host_id ?? ''
    for (const { id, endpoint } of party?.peers.values() ?? []) view.put(id, Number(endpoint.split(':')[1] ?? 0))
    this.#looked = { party, print: view.print }
    return view.print
  }

  come(): boolean {
    if (this.#manager) return false
    this.#comesAtMs = never
    const { clock, random } = this.#options
    const manager = new PartyManager({
      identity: { read: () => this.#kept.identity, write: (identity) => void (this.#kept.identity = identity) },
      keys: this.#keys,
      own: this.#own,
      ownAddress: () => undefined,
      wayTo: () => this.#way(),
      boards: [],
      share: () => {},
      name: this.id,
      keepRecording: undefined,
      clock,
      random,
      log: silentLog,
    })
    this.#manager = manager
    // With nothing that listens to members: whoever has a wall or a network meets them.
    void this.#tellWhere()
    return true
  }

  leave(forMs: number): boolean {
    const manager = this.#manager
    if (!manager || !this.#isIn || this.#isBusy) return false
    this.#isBusy = true
    this.#liveSinceMs = never
    void manager
      .leaveParty()
      .catch(() => {})
      .finally(() => {
        this.#isBusy = false
        if (this.#manager === manager) this.#gone(forMs)
      })
    return true
  }

  crash(forMs: number): boolean {
    if (!this.#manager || this.#isBusy) return false
    this.#gone(forMs)
    return true
  }

  move(): boolean {
    if (!this.#manager || this.#liveSinceMs === never) return false
    this.#port++
    void this.#tellWhere()
    return true
  }

  cut(forMs: number): boolean {
    if (this.#cutUntilMs > 0) return false
    this.#cutUntilMs = this.#nowMs + forMs
    this.#liveSinceMs = never
    for (const pipe of this.#pipes) pipe.close(undefined, 'cut')
    return true
  }

  tick(): void {
    const nowMs = this.#nowMs
    if (this.#cutUntilMs > 0 && nowMs >= this.#cutUntilMs) this.#cutUntilMs = 0
    if (nowMs >= this.#comesAtMs) this.come()
    const status = this.#manager?.getPartyStatus()
    const isThere = this.#cutUntilMs === 0 && status?.status === 'in_party' && status.mode === 'home' && this.#hasPipe
    if (!isThere) this.#liveSinceMs = never
    else if (this.#liveSinceMs === never) this.#liveSinceMs = nowMs
    if (this.#manager && status?.status === 'no_party' && !this.#isBusy && this.#cutUntilMs === 0) void this.#join()
  }

  isLiveFor(ms: number): boolean {
    return this.#nowMs - this.#liveSinceMs >= ms
  }

  close(): void {
    this.#gone(never)
    this.#own.service[Symbol.dispose]()
  }

  async #join(): Promise<void> {
    const manager = this.#manager
    this.#isBusy = true
    try {
      await manager?.joinParty({ by: `${planeUrl}/#party=${partyId}` })
    } catch (error) {
      if (!(error instanceof PartyError)) throw error
    } finally {
      this.#isBusy = false
    }
  }

  async #tellWhere(): Promise<void> {
    try {
      await this.#manager?.tell({ natType: 'full_cone', publicIp: '198.51.100.1', publicPort: this.#port })
    } catch (error) {
      if (!(error instanceof PartyError)) throw error
    }
  }

  #gone(forMs: number): void {
    const manager = this.#manager
    this.#manager = undefined
    this.#liveSinceMs = never
    this.#comesAtMs = this.#nowMs + forMs
    for (const pipe of this.#pipes) pipe.close(undefined, 'gone')
    void manager?.close()
  }

  #way(): PlaneWay & Disposable {
    const { clock, random, service } = this.#options
    const delayMs = 10 + random() * 60
    const come = async () => {
      await sleep(clock, delayMs)
      if (this.#cutUntilMs > 0) throw new PartyError('unreachable', 'The network is cut')
    }
    const way = ownWay(service)
    return {
      address: planeUrl,
      request: async (request) => {
        await come()
        const answer = await way.request(request)
        await come()
        return answer
      },
      openSocket: async () => {
        await come()
        const [near, far] = openMemoryPipe()
        service.accept(far, { source: this.id })
        this.#pipes.add(near)
        void near.closed.then(() => this.#pipes.delete(near))
        return near
      },
      [Symbol.dispose]() {},
    }
  }

  get #isIn(): boolean {
    return this.#manager?.getPartyStatus().status === 'in_party'
  }

  /** Without its conversation a member asks only every half a minute. */
  get #hasPipe(): boolean {
    return this.#pipes.size > 0
  }

  get #nowMs(): number {
    return this.#options.clock.nowMs()
  }
}
