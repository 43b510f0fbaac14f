import type { Clock } from '../../kernel/clock.ts'
import type { PartyRelay } from '../../domain/party.ts'
import type { PartyState } from '../../store/party-state.ts'
import { PartyError } from '../contract/party-error.ts'
import type { RegistryLimits } from '../contract/registry-limits.ts'
import type { GroupedCommits } from './grouped-commits.ts'

/** A relay as it stands now. */
export interface StandingRelay {
  readonly relay: PartyRelay
  /** Sessions that it has, as it said last; none before it has said anything since the start. */
  readonly sessions: number
  /** Whether it was heard of lately. */
  readonly isWell: boolean
}

/** What a relay says of itself, again and again. */
export type RelayReport = Omit<PartyRelay, 'registeredMs' | 'seenMs'> & { readonly sessions: number }

/**
 * The relays that peers may use. That there is one, and where, is durable; how it is doing is only observed, on the monotonic
 * clock, so that a clock that jumps takes none away. After a restart each has the time of a silent one to be heard of again.
 */
export class RelayBoard {
  readonly #state: PartyState
  readonly #commits: GroupedCommits
  readonly #clock: Clock
  readonly #epochMs: () => number
  readonly #limits: Pick<RegistryLimits, 'relays' | 'relayUnwellMs' | 'relayStaleMs'>
  readonly #heard = new Map<string, { readonly atMs: number; readonly sessions: number }>()
  readonly #startMs: number

  constructor(options: {
    state: PartyState
    commits: GroupedCommits
    clock: Clock
    epochMs: () => number
    limits: Pick<RegistryLimits, 'relays' | 'relayUnwellMs' | 'relayStaleMs'>
  }) {
    this.#state = options.state
    this.#commits = options.commits
    this.#clock = options.clock
    this.#epochMs = options.epochMs
    this.#limits = options.limits
    this.#startMs = options.clock.nowMs()
  }

  /** Best first: those that are well, those near to who asks, those with most room. */
  best({ region, near }: { region?: string | undefined; near?: string | undefined } = {}): readonly StandingRelay[] {
    return [...this.#state.relays.values()]
      .filter((relay) => region === undefined || relay.region === region)
      .map((relay) => this.#standing(relay))
      .toSorted((one, other) => rank(one, near) - rank(other, near) || loadOf(one) - loadOf(other) || byId(one, other))
  }

  /** Of one that is there, or is new. Rejects with PartyError `too-many-relays`, or `not-recorded` where it is new. */
  async report({ sessions, ...said }: RelayReport): Promise<PartyRelay> {
    const known = this.#state.relays.get(said.relayId)
    const kept = known && isSame(known, said) ? known : await this.#register(said)
    this.#heard.set(said.relayId, { atMs: this.#clock.nowMs(), sessions })
    return kept
  }

  /** It says that it is going. */
  async leave(relayId: string): Promise<void> {
    this.#heard.delete(relayId)
    if (!this.#state.relays.has(relayId)) return
    await this.#commits.do((draft) => draft.apply({ type: 'relay-gone', relayId }))
  }

  /** Takes away those that were silent for too long, and says how many. */
  async cleanUp(): Promise<number> {
    const silent = () => [...this.#state.relays.keys()].filter((id) => this.#silenceMs(id) >= this.#limits.relayStaleMs)
    if (silent().length === 0) return 0
    return await this.#commits.do((draft) => {
      // Who was heard of meanwhile stays.
      const gone = silent()
      for (const relayId of gone) {
        draft.apply({ type: 'relay-gone', relayId })
        this.#heard.delete(relayId)
      }
      return gone.length
    })
  }

  #register(said: Omit<RelayReport, 'sessions'>): Promise<PartyRelay> {
    return this.#commits.do((draft) => {
      const known = this.#state.relays.get(said.relayId)
      if (!known && this.#state.relays.size >= this.#limits.relays) {
        throw new PartyError('too-many-relays', 'There are as many relays as this control plane takes')
      }
      const nowMs = this.#epochMs()
      const relay = { ...said, registeredMs: known?.registeredMs ?? nowMs, seenMs: nowMs }
      draft.apply({ type: 'relay', relay })
      return relay
    })
  }

  #standing(relay: PartyRelay): StandingRelay {
    const isWell = this.#silenceMs(relay.relayId) < this.#limits.relayUnwellMs
    return { relay, sessions: this.#heard.get(relay.relayId)?.sessions ?? 0, isWell }
  }

  #silenceMs(relayId: string): number {
    return this.#clock.nowMs() - (this.#heard.get(relayId)?.atMs ?? this.#startMs)
  }
}

function isSame(known: PartyRelay, said: Omit<RelayReport, 'sessions'>): boolean {
  const { publicIp, port, region, capacity } = known
  return publicIp === said.publicIp && port === said.port && region === said.region && capacity === said.capacity
}

/** One that is full is as bad as one that is far. */
function rank(standing: StandingRelay, near: string | undefined): number {
  const isFar = near !== undefined && standing.relay.region !== near
  return (standing.isWell ? 0 : 4) + (loadOf(standing) >= 1 ? 2 : 0) + (isFar ? 1 : 0)
}

function loadOf({ sessions, relay }: StandingRelay): number {
  return sessions / relay.capacity
}

function byId(one: StandingRelay, other: StandingRelay): number {
  return one.relay.relayId < other.relay.relayId ? -1 : 1
}
