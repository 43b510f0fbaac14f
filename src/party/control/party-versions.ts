import { randomBytes } from 'node:crypto'
import type { PartyPeer, PeerDeparture } from '../../domain/party.ts'
import type { Clock, Timer } from '../../kernel/clock.ts'
import { isoTime, tellPeer, type PartyVersion, type ToldDepartures } from '../../wire/party/records.ts'
import type { PartyChanges } from '../../wire/party/socket.ts'
import type { PartyEvent } from '../contract/party-event.ts'
import type { PartyRegistry } from '../registry/party-registry.ts'

/** Changes that come so soon after each other are told together; in a large party, where each telling costs more, those of a quarter of a second. */
const togetherMs = 50
const togetherMsPerPeer = 0.2
/** Of those who have gone, how is known of so many: for whoever has missed the change. */
const mostDepartures = 32
/** Of so many peers that have come, changed or left last is known when: who has an older version asks for all of it. */
const mostRemembered = 2048

interface Versioned {
  number: number
  /** As it was told last. */
  toldNumber: number
  hostId: string
  /** Of those that have come or changed since it was told last; undefined are those that have left. */
  readonly changed: Map<string, PartyPeer | undefined>
  /** At which number each of them came, changed or left last, in order. */
  readonly numbers: Map<string, number>
  /** What has changed up to this number is not known any more. */
  forgotten: number
  /** How those went who have not left by themselves and are not back, the last of them. */
  readonly departures: Map<string, PeerDeparture>
  /** What was told of it is not so any more, and nobody knows what: each has to ask. */
  isBroken: boolean
  timer: Timer | undefined
}

/**
 * Numbers what becomes of each party, and tells it joined to whoever follows it. Numbers grow over all parties of one life of a control plane,
 * so that a party which ended and was made again under its id is never taken for an older one.
 */
export class PartyVersions implements Disposable {
  readonly #epoch = randomBytes(8).toString('hex')
  readonly #registry: PartyRegistry
  readonly #clock: Clock
  readonly #parties = new Map<string, Versioned>()
  readonly #unsubscribe: () => void
  #last = 0
  #tell: (changes: PartyChanges) => void = () => {}

  constructor(registry: PartyRegistry, clock: Clock) {
    this.#registry = registry
    this.#clock = clock
    this.#unsubscribe = registry.events.subscribe((event) => this.#hear(event))
  }

  /** Who tells the followers. */
  onChanges(tell: (changes: PartyChanges) => void): void {
    this.#tell = tell
  }

  /** Of a party as it is now. Throws PartyError `party-not-found`. */
  of(partyId: string): PartyVersion {
    return { epoch: this.#epoch, number: this.#versioned(partyId).number }
  }

  /** How those went lately who have not left by themselves. Throws PartyError `party-not-found`. */
  departures(partyId: string): ToldDepartures {
    return Object.fromEntries(this.#versioned(partyId).departures)
  }

  /**
   * What has changed since that version, for whoever begins to follow. Nothing where that is not known any more, or no version is told: from
   * the number that comes with it they see whether they have missed something. Throws PartyError `party-not-found`.
   */
  since(partyId: string, version: PartyVersion | undefined): PartyChanges {
    const { number: to, hostId, numbers, forgotten, departures } = this.#versioned(partyId)
    const changed = new Map<string, PartyPeer | undefined>()
    if (version?.epoch !== this.#epoch || version.number < forgotten || version.number > to) {
      return this.#changes(partyId, { hostId, from: to, to, changed, departures })
    }
    const { peers } = this.#registry.party(partyId)
    for (const [peerId, number] of numbers) if (number > version.number) changed.set(peerId, peers.get(peerId))
    return this.#changes(partyId, { hostId, from: version.number, to, changed, departures })
  }

  [Symbol.dispose](): void {
    this.#unsubscribe()
    for (const { timer } of this.#parties.values()) timer?.cancel()
    this.#parties.clear()
  }

  #versioned(partyId: string): Versioned {
    const known = this.#parties.get(partyId)
    if (known) return known
    const { hostId } = this.#registry.party(partyId).record
    const [number, toldNumber] = [this.#last, this.#last]
    const maps = { changed: new Map(), numbers: new Map(), departures: new Map() }
    const made: Versioned = {
      number,
      toldNumber,
      hostId,
      ...maps,
      forgotten: number,
      isBroken: false,
      timer: undefined,
    }
    this.#parties.set(partyId, made)
    return made
  }

  #hear(event: PartyEvent): void {
    switch (event.type) {
      case 'peer-joined':
      case 'peer-changed':
        return this.#note(event.partyId, ({ changed, departures }) => {
          changed.set(event.peer.peerId, event.peer)
          departures.delete(event.peer.peerId)
          return event.peer.peerId
        })
      case 'peer-left':
        return this.#note(event.partyId, (versioned) => noteDeparture(versioned, event.peerId, event.how))
      case 'host-changed':
        return this.#note(event.party.record.id, (versioned) => void (versioned.hostId = event.party.record.hostId))
      case 'party-undone':
        return this.#note(event.partyId, (versioned) => {
          versioned.isBroken = true
          versioned.numbers.clear()
          versioned.forgotten = versioned.number
          return undefined
        })
      case 'party-ended':
        this.#parties.get(event.partyId)?.timer?.cancel()
        this.#parties.delete(event.partyId)
    }
  }

  /** `note` tells of which peer it is, if of one. */
  #note(partyId: string, note: (versioned: Versioned) => string | undefined): void {
    const size = this.#registry.sizeOf(partyId)
    if (size === undefined) return
    const versioned = this.#versioned(partyId)
    versioned.number = ++this.#last
    const peerId = note(versioned)
    if (peerId !== undefined) remember(versioned, peerId)
    versioned.timer ??= this.#clock.after(togetherMs + togetherMsPerPeer * size, () => this.#flush(partyId, versioned))
  }

  #flush(partyId: string, versioned: Versioned): void {
    versioned.timer = undefined
    const { number: to, toldNumber, hostId, isBroken, departures } = versioned
    const changed = new Map(versioned.changed)
    versioned.changed.clear()
    versioned.toldNumber = to
    versioned.isBroken = false
    if (this.#registry.sizeOf(partyId) === undefined) return
    this.#tell(this.#changes(partyId, { hostId, from: isBroken ? to : toldNumber, to, changed, departures }))
  }

  #changes(
    partyId: string,
    {
      hostId,
      from,
      to,
      changed,
      departures,
    }: Pick<Versioned, 'hostId' | 'changed' | 'departures'> & { from: number; to: number },
  ): PartyChanges {
    const { addresses } = this.#registry.party(partyId)
    const peers: PartyChanges['peers'] = []
    const left: string[] = []
    const how: ToldDepartures = {}
    for (const [peerId, peer] of changed) {
      if (!peer) {
        left.push(peerId)
        const departure = departures.get(peerId)
        if (departure) how[peerId] = departure
        continue
      }
      const number = addresses.get(peerId)?.number
      peers.push({
        peer: tellPeer(peer),
        ...(number !== undefined && { virtual_address: this.#registry.range.interfaceAddressOf(number) }),
        joined_at: isoTime(peer.joinedMs),
      })
    }
    const told = { epoch: this.#epoch, from, to, host_id: hostId, peers, left }
    const hows = Object.keys(how).length > 0 && { departures: how }
    return { type: 'party_changes', party_id: partyId, ...told, ...hows }
  }
}

function remember(versioned: Versioned, peerId: string): void {
  const { numbers, number } = versioned
  numbers.delete(peerId)
  numbers.set(peerId, number)
  const [oldest] = numbers
  if (numbers.size <= mostRemembered || !oldest) return
  numbers.delete(oldest[0])
  versioned.forgotten = oldest[1]
}

function noteDeparture({ changed, departures }: Versioned, peerId: string, how: PeerDeparture): string {
  changed.set(peerId, undefined)
  departures.delete(peerId)
  if (how === 'left') return peerId
  departures.set(peerId, how)
  const [oldest] = departures.keys()
  if (departures.size > mostDepartures && oldest !== undefined) departures.delete(oldest)
  return peerId
}
