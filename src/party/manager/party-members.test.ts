import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { silentLog } from '../../kernel/log.ts'
import type { ToldPeer } from '../../wire/party/records.ts'
import type { PartyChanges } from '../../wire/party/socket.ts'
import { FollowedParty, type Followed } from '../plane/followed-party.ts'
import type { ToldMembership } from '../plane/plane-client.ts'
import { KnownKeys } from './known-keys.ts'
import { PartyMembers } from './party-members.ts'
import { PeerReports } from './peer-reports.ts'

const me = 'p0'
const keyOf = (index: number) => Buffer.alloc(32, index + 1).toString('base64')
const createdAt = '2026-11-30T12:00:00+00:00'

/** What a control plane has, and what it has not told yet. */
class Plane {
  readonly #peers = new Map<string, ToldPeer>()
  readonly #changed = new Set<string>()
  readonly #epoch: string
  #host = me
  #number = 0
  #toldNumber = 0

  constructor(epoch: string) {
    this.#epoch = epoch
    this.put(me, { port: 1, key: keyOf(0) })
  }

  put(id: string, { port, key }: { port: number; key: string }): void {
    const common = { nat_type: 'unknown', local_ip: null, local_port: null, last_seen: createdAt } as const
    this.#peers.set(id, {
      ...common,
      peer_id: id,
      name: id,
      public_key: key,
      public_ip: '198.51.100.1',
      public_port: port,
    })
    this.#note(id)
  }

  remove(id: string): void {
    if (this.#peers.delete(id)) this.#note(id)
  }

  host(id: string): void {
    this.#host = id
    this.#number++
  }

  /** Since it was told last. */
  changes(): PartyChanges {
    const here = [...this.#changed].flatMap((id) => this.#peers.get(id) ?? [])
    const left = [...this.#changed].filter((id) => !this.#peers.has(id))
    const peers = here.map((peer) => {
      return { peer, virtual_address: addressOf(peer), joined_at: createdAt }
    })
    const [from, to] = [this.#toldNumber, this.#number]
    this.#changed.clear()
    this.#toldNumber = to
    return { type: 'party_changes', party_id: 'friday', epoch: this.#epoch, from, to, host_id: this.#host, peers, left }
  }

  whole(): ToldMembership {
    const head = { party_id: 'friday', name: 'Friday', host_id: this.#host, created_at: createdAt }
    const peers = [...this.#peers]
    return {
      party: { ...head, peers: Object.fromEntries(structuredClone(peers)) },
      virtualAddresses: Object.fromEntries(peers.map(([id, peer]) => [id, addressOf(peer)])),
      joinedAt: Object.fromEntries(peers.map(([id]) => [id, createdAt])),
      version: { epoch: this.#epoch, number: this.#number },
      departures: {},
    }
  }

  #note(id: string): void {
    this.#changed.add(id)
    this.#number++
  }
}

function addressOf({ public_port: port }: ToldPeer): string {
  return `10.66.0.${port ?? 0}/16`
}

const deeds = fc.array(
  fc.record({
    at: fc.constantFrom('home', 'local'),
    who: fc.integer({ min: 0, max: 5 }),
    what: fc.constantFrom('come', 'move', 'key', 'leave', 'host', 'measure', 'wait'),
    /** How the control plane tells it: by itself or not yet, twice, not at all, or all of the party. */
    told: fc.constantFrom('now', 'later', 'twice', 'lost', 'whole'),
    isLookedAt: fc.boolean(),
  }),
  { maxLength: 60 },
)

test('members followed change by change are those that a whole view gives, whatever comes in whatever order', () => {
  fc.assert(
    fc.property(deeds, (script) => {
      let nowMs = 0
      const planes = { home: new Plane('a'), local: new Plane('b') }
      const followed = { home: new FollowedParty(), local: new FollowedParty() }
      const members = new PartyMembers(me, new PeerReports(() => nowMs))
      members.begin(new KnownKeys({}, silentLog))
      /** The same as a model without memory has it. */
      const firstKeys = new Map<string, string>()
      const measured = new Map<string, { readonly atMs: number; readonly latencyMs: number }>()
      /** As those are told who follow single members. */
      const heard = new Map<string, string>()

      const take = (at: 'home' | 'local', taken: Followed): void => {
        if (taken === 'same') return
        if (taken === 'missed') return take(at, followed[at].takeWhole(planes[at].whole()))
        const { changed } = members.take(taken)
        for (const id of changed) {
          const peer = members.peer(id)
          if (peer) heard.set(id, peer.public_key)
          else heard.delete(id)
        }
        for (const [id, { peer }] of taken.party.members) if (!firstKeys.has(id)) firstKeys.set(id, peer.public_key)
        for (const id of measured.keys()) if (!taken.party.members.has(id)) measured.delete(id)
      }
      const check = (at: 'home' | 'local') => {
        const reports = new PeerReports(() => nowMs)
        for (const [id, { atMs, latencyMs }] of measured) {
          if (nowMs - atMs < 60_000)
            reports.put(id, { connectionType: 'direct', latencyMs, reason: '' }, { isProbe: false })
        }
        const reference = new PartyMembers(me, reports)
        reference.begin(new KnownKeys(Object.fromEntries(firstKeys), silentLog))
        const fresh = new FollowedParty()
        const step = fresh.takeWhole(planes[at].whole())
        assert.ok(step !== 'same')
        reference.take(step)
        assert.deepEqual(members.all(), reference.all())
        assert.deepEqual(new Set(members.others), new Set(reference.others))
        assert.deepEqual(heard, new Map([...reference.all()].map(([id, peer]) => [id, peer.public_key])))
        assert.deepEqual(members.party?.head, fresh.head)
        assert.deepEqual(sorted(members.tell(followed[at])), sorted(reference.tell(fresh)))
      }

      take('home', followed.home.takeWhole(planes.home.whole()))
      for (const [index, { at, who, what, told, isLookedAt }] of script.entries()) {
        const id = `p${who}`
        const plane = planes[at]
        if (what === 'come') plane.put(id, { port: 1, key: keyOf(who) })
        if (what === 'move') plane.put(id, { port: 2 + index, key: keyOf(who) })
        if (what === 'key') plane.put(id, { port: 1, key: keyOf(10 + index) })
        if (what === 'leave') plane.remove(id)
        if (what === 'host') plane.host(id)
        if (what === 'wait') nowMs += 40_000
        if (what === 'measure' && members.has(id)) {
          measured.set(id, { atMs: nowMs, latencyMs: index })
          members.measured(id, { connectionType: 'direct', latencyMs: index, reason: '' }, { isProbe: false })
        }
        if (told === 'later') continue
        if (told === 'whole') take(at, followed[at].takeWhole(plane.whole()))
        else {
          const changes = plane.changes()
          if (told === 'lost') continue
          take(at, followed[at].takeChanges(changes))
          if (told === 'twice') take(at, followed[at].takeChanges(changes))
        }
        // Nothing new was told where nothing has changed, also of the other control plane.
        if (isLookedAt && members.party === followed[at]) check(at)
      }
      for (const at of ['local', 'home'] as const) {
        take(at, followed[at].takeWhole(planes[at].whole()))
        check(at)
      }
    }),
    { numRuns: 150 },
  )
})

/** In whatever order they have come. */
function sorted({ peers, ...head }: ReturnType<PartyMembers['tell']>) {
  return { head, peers: new Map(Object.entries(peers)) }
}
