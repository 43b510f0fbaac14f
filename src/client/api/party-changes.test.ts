import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PartyChange, PartyPeerView, PartyView } from '../../wire/api/party.ts'
import { withPartyChange } from './party-changes.ts'

const peer = (id: string, points: readonly (number | null)[] = []): PartyPeerView => ({
  id,
  name: id,
  isMe: false,
  isHost: false,
  publicKey: '',
  virtualIp: '',
  endpoint: '',
  natType: 'unknown',
  connectionType: 'direct',
  latencyMs: points.at(-1) ?? null,
  reason: '',
  doubt: null,
  joinedAt: at(0),
  latencies: points.map((latencyMs, index) => ({ at: at(index), latencyMs })),
  may: 'watch',
  isOwnChoice: false,
  wall: null,
})
const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString()
const head = {
  status: 'in_party',
  why: null,
  usualMay: 'watch',
  recent: [],
  party: {
    id: 'f00d',
    name: 'Friday',
    hostId: 'ada',
    createdAt: at(0),
    code: 'CODE',
    link: null,
    isOnlyHere: true,
    mode: 'home',
    plane: 'this host',
  },
  nat: { type: 'unknown', publicIp: null, publicPort: null },
} satisfies Omit<PartyView, 'peers'>
const view: PartyView = { ...head, peers: [peer('ada', [5, null]), peer('bob')] }
const after = (...changes: readonly PartyChange[]) =>
  changes.reduce((known, change) => withPartyChange(known, change), { view, network: undefined } as Parameters<
    typeof withPartyChange
  >[0])

test('each part of a party is taken as it is told, and who leaves is gone', () => {
  const { view: now } = after(
    { of: 'party', party: { ...head, usualMay: 'play' } },
    { of: 'peer', peer: peer('eve', [7]) },
    { of: 'peer-left', peerId: 'bob' },
    { of: 'peer-left', peerId: 'nobody' },
  )
  assert.equal(now.usualMay, 'play')
  assert.deepEqual(
    now.peers.map(({ id }) => id),
    ['ada', 'eve'],
  )
  const out = after({ of: 'party', party: { ...head, status: 'no_party', party: null } })
  assert.deepEqual(out.view.peers, [])
})

test('a newer latency goes behind those that are known, one that is known counts once, and the oldest go', () => {
  const told = (minute: number, latencyMs: number | null) => ({
    of: 'peer' as const,
    peer: { ...peer('ada'), latencies: [{ at: at(minute), latencyMs }] },
  })
  const latencies = after(told(1, null), told(2, 9), told(2, 9)).view.peers[0]?.latencies
  assert.deepEqual(
    latencies?.map(({ latencyMs }) => latencyMs),
    [5, null, 9],
  )
  const many = Array.from({ length: 200 }, (_, minute) => told(minute + 2, minute))
  const kept = after(...many).view.peers[0]?.latencies ?? []
  assert.deepEqual([kept.length, kept[0]?.latencyMs, kept.at(-1)?.latencyMs], [120, 80, 199])
})

test('what is not known here changes nothing', () => {
  const known = { view, network: undefined }
  for (const odd of [undefined, {}, { of: 'weather' }, { of: 'peer', peer: {} }, { of: 'peer-left' }]) {
    assert.equal(withPartyChange(known, odd), known)
  }
})
