import { randomBytes } from 'node:crypto'
import type { TestContext } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { silentLog } from '../../src/kernel/log.ts'
import { ManualClock } from '../../src/kernel/manual-clock.ts'
import { openMemoryPipe } from '../../src/kernel/memory-pipe.ts'
import type { Pipe } from '../../src/kernel/pipe.ts'
import type { Announcement, NearbyBoard } from '../../src/party/contract/nearby.ts'
import { PartyError } from '../../src/party/contract/party-error.ts'
import type { PlaneWay } from '../../src/party/contract/plane-way.ts'
import { createControlService, type ControlService } from '../../src/party/control/control-service.ts'
import type { KeptIdentity } from '../../src/party/manager/own-identity.ts'
import { PartyManager } from '../../src/party/manager/party-manager.ts'
import { keyPairFrom } from '../../src/net/native/node-crypto.ts'
import { ownWay } from '../../src/party/plane/own-way.ts'
import { PartyRegistry } from '../../src/party/registry/party-registry.ts'
import { openMemoryPartyRecords } from '../../src/store/memory-party-records.ts'
import type { Parties } from '../../src/server/party/open-parties.ts'
import type { ToldParty } from '../../src/wire/party/records.ts'

const eager = { perSecond: 1000, burst: 1000 }

/** A control plane somewhere, which can be reached or not. */
export interface MemoryPlane {
  readonly url: string
  readonly registry: PartyRegistry
  readonly service: ControlService
  /** Cuts it off, with every conversation, or lets others reach it again. */
  reach(isReached: boolean): void
}

/** One machine with its manager; what it keeps outlives a restart. */
export interface MemoryMember {
  readonly plane: MemoryPlane
  readonly kept: { identity: KeptIdentity | undefined }
  readonly shared: ToldParty[]
  /** What was said with other members, the last recordings. */
  readonly recorded: readonly string[]
  manager: PartyManager
  /** Ends the manager without a word to anybody, and begins another one on what was kept. */
  restart(): Promise<void>
}

/** Hosts and control planes in one process and in virtual time, on one network where all announcements are heard. */
export class MemoryParties {
  readonly clock = new ManualClock()
  readonly #planes = new Map<string, { service: ControlService; isReached: boolean; pipes: Set<Pipe> }>()
  readonly #said = new Map<string, Announcement>()
  readonly #listeners = new Set<() => void>()
  /** All that control planes of others were asked and told, as JSON, the last of it. */
  readonly told: string[] = []
  /** Signals as control planes have passed them on, the last ones. */
  readonly passedOn: string[] = []
  /** Members whose announcements are not heard, and who hear none. */
  readonly away = new Set<string>()

  async openPlane(url: string, mayMakeParties?: (peerId: string) => boolean): Promise<MemoryPlane> {
    const records = openMemoryPartyRecords()
    const registry = await PartyRegistry.open({ records, clock: this.clock, log: silentLog })
    const paces = { registrations: eager, parties: eager }
    const service = createControlService({ registry, clock: this.clock, log: silentLog, paces, mayMakeParties })
    const entry = { service, isReached: true, pipes: new Set<Pipe>() }
    this.#planes.set(url, entry)
    return {
      url,
      registry,
      service,
      reach: (isReached) => {
        entry.isReached = isReached
        if (!isReached) for (const pipe of entry.pipes) pipe.close(undefined, 'cut')
      },
    }
  }

  /** `secret`: 32 bytes of its key; any when left out. */
  async openMember(name: string, secret: Uint8Array = randomBytes(32)): Promise<MemoryMember> {
    const kept: MemoryMember['kept'] = { identity: undefined }
    const shared: ToldParty[] = []
    const recorded: string[] = []
    const url = `http://${name}.test`
    let me = ''
    const plane = await this.openPlane(url, (peerId) => peerId === me)
    const open = () => {
      const manager = new PartyManager({
        keys: keyPairFrom(secret),
        identity: { read: () => kept.identity, write: (identity) => void (kept.identity = structuredClone(identity)) },
        own: { way: ownWay(plane.service), registry: plane.registry },
        ownAddress: () => ({ url, fingerprint: undefined }),
        wayTo: (address) => this.#wayTo(address.url),
        boards: [this.#board(name)],
        share: (party) => void (party && shared.push(party.tell())),
        name,
        keepRecording: (_name, recording) => void (recorded.push(recording) > 32 && recorded.shift()),
        clock: this.clock,
        random: () => 0.5,
        log: silentLog,
      })
      me = manager.me
      return manager
    }
    const member: MemoryMember = {
      plane,
      kept,
      shared,
      recorded,
      manager: open(),
      async restart() {
        await member.manager.close()
        member.manager = open()
      },
    }
    return member
  }

  /** Members who announce something now. */
  get announced(): number {
    return this.#said.size
  }

  /** Lets time pass, in small steps, with all that happens meanwhile. */
  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 100) {
      this.clock.advance(Math.min(left, 100))
      for (let turn = 0; turn < 3; turn++) await nextTurn()
    }
  }

  /** Until it is so, within virtual time. */
  async until(what: string, isSo: () => boolean, withinMs = 60_000): Promise<void> {
    for (let passed = 0; !isSo(); passed += 100) {
      if (passed > withinMs) throw new Error(`It did not come to this: ${what}`)
      // A key of an announcement is made on another thread, in real time.
      await new Promise((resolve) => setTimeout(resolve, passed % 1000 === 0 ? 5 : 0))
      await this.pass(100)
    }
  }

  #wayTo(url: string): PlaneWay & Disposable {
    const entry = this.#planes.get(url)
    const demand = () => {
      if (!entry?.isReached) throw new PartyError('unreachable', `Cannot reach ${url}`)
      return entry
    }
    return {
      address: url,
      request: async (request) => {
        this.#note(request)
        return ownWay(demand().service).request(request)
      },
      openSocket: async (subprotocol) => {
        const { service, pipes } = demand()
        const [near, far] = openMemoryPipe()
        service.accept(far, { source: url, ...(subprotocol !== undefined && { subprotocol }) })
        pipes.add(far)
        const send = near.send.bind(near)
        near.send = (message) => {
          this.#note(message)
          if (String(message).includes('"signal"') && this.passedOn.push(String(message)) > 256) this.passedOn.shift()
          send(message)
        }
        return near
      },
      [Symbol.dispose]() {},
    }
  }

  #note(what: unknown): void {
    if (this.told.push(JSON.stringify(what)) > 1024) this.told.shift()
  }

  #board(name: string): NearbyBoard {
    return {
      announce: (announcement) => {
        if (announcement) this.#said.set(name, announcement)
        else this.#said.delete(name)
        for (const listener of this.#listeners) listener()
      },
      nearby: () =>
        [...this.#said].flatMap(([from, said]) =>
          from === name || this.away.has(from) || this.away.has(name) ? [] : [said],
        ),
      onChange: (listener) => {
        this.#listeners.add(listener)
        return () => void this.#listeners.delete(listener)
      },
    }
  }
}

/** What a web port is given of a member. */
export function partiesOf({ manager, plane }: MemoryMember): Parties {
  return {
    manager,
    service: plane.service,
    closed: manager.closed,
    close: (reason) => manager.close(reason),
    [Symbol.asyncDispose]: () => manager.close(),
  }
}

/** This host among others, and a friend's beside it. */
export async function openPartyOfTwo(t: TestContext) {
  const world = new MemoryParties()
  const [own, friend] = [await world.openMember('here'), await world.openMember('friend')]
  t.after(() => Promise.all([own.manager.close(), friend.manager.close()]))
  return { world, here: partiesOf(own), friend: friend.manager }
}
