import type { PeerDeparture } from '../../domain/party.ts'
import type { ToldDepartures, ToldParty } from '../../wire/party/records.ts'

/** So many changes are told; the oldest is forgotten for one more. */
const mostEvents = 32

/** Somebody who came or went, or is the host now. */
export interface PartyHappening {
  /** `left` also where a control plane does not say how somebody went. */
  readonly what: 'joined' | 'host' | PeerDeparture
  readonly peerId: string
  readonly name: string
  /** Milliseconds since the Unix epoch. */
  readonly atMs: number
}

/** What has happened in the party since this machine came in or was started, as it saw it: for whoever looks only afterwards. */
export class PartyHistory {
  readonly #epochMs: () => number
  readonly #removing = new Set<string>()
  #departures: ToldDepartures = {}
  #known: ToldParty | undefined
  #recent: readonly PartyHappening[] = []

  constructor(epochMs: () => number) {
    this.#epochMs = epochMs
  }

  /** The newest first. */
  get recent(): readonly PartyHappening[] {
    return this.#recent
  }

  /** Another party, or none: nothing of the last one is told any more. */
  begin(): void {
    this.#known = undefined
    this.#recent = []
  }

  /** How those went who are missing in what is taken next. */
  hear<Told extends { readonly departures: ToldDepartures }>(told: Told): Told {
    this.#departures = told.departures
    return told
  }

  /** The party as its own control plane has it now. */
  take(now: ToldParty): void {
    const before = this.#known
    this.#known = now
    if (!before) return
    for (const { peer_id: id, name } of Object.values(before.peers)) {
      if (!now.peers[id]) this.#add(this.#howOf(id), id, name)
    }
    for (const { peer_id: id, name } of Object.values(now.peers)) if (!before.peers[id]) this.#add('joined', id, name)
    const host = now.peers[now.host_id]
    if (host && before.host_id !== now.host_id) this.#add('host', host.peer_id, host.name)
  }

  /** This machine takes somebody out. Rejects as `deed` does. */
  async removing(peerId: string, deed: Promise<void>): Promise<void> {
    this.#removing.add(peerId)
    try {
      await deed
    } catch (error) {
      this.#removing.delete(peerId)
      throw error
    }
  }

  #howOf(peerId: string): PeerDeparture {
    return this.#removing.delete(peerId) ? 'removed' : (this.#departures[peerId] ?? 'left')
  }

  #add(what: PartyHappening['what'], peerId: string, name: string): void {
    this.#recent = [{ what, peerId, name, atMs: this.#epochMs() }, ...this.#recent].slice(0, mostEvents)
  }
}
