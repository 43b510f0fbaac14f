import type { PeerDeparture } from '../../domain/party.ts'
import type { ToldDepartures } from '../../wire/party/records.ts'
import type { PartyStep } from '../plane/followed-party.ts'

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
    this.#recent = []
  }

  /** What has become of the party as its own control plane has it. Nothing has happened where nothing was known before. */
  take({ party: { head, members }, before, hostBefore, departures }: PartyStep): void {
    if (hostBefore === undefined) return
    for (const [id, was] of before)
      if (was && !members.has(id)) this.#add(this.#howOf(id, departures), id, was.peer.name)
    for (const [id, was] of before) {
      const now = members.get(id)
      if (!was && now) this.#add('joined', id, now.peer.name)
    }
    const host = members.get(head.host_id)
    if (host && hostBefore !== head.host_id) this.#add('host', head.host_id, host.peer.name)
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

  #howOf(peerId: string, departures: ToldDepartures): PeerDeparture {
    return this.#removing.delete(peerId) ? 'removed' : (departures[peerId] ?? 'left')
  }

  #add(what: PartyHappening['what'], peerId: string, name: string): void {
    this.#recent = [{ what, peerId, name, atMs: this.#epochMs() }, ...this.#recent].slice(0, mostEvents)
  }
}
