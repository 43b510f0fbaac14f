import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PartyNetworkView, PartyPeerView } from '../../src/client/party.ts'
import {
  describeGames,
  describeLan,
  describeLatencies,
  describePeer,
  describeRecent,
  describeRelayed,
  nameOf,
  whyNoLan,
} from './describe-peer.ts'

const peer: PartyPeerView = {
  id: 'ada',
  name: 'Ada',
  isMe: false,
  isHost: false,
  publicKey: '',
  virtualIp: '10.66.0.2',
  endpoint: '',
  natType: 'full_cone',
  connectionType: 'direct',
  latencyMs: 12.4,
  reason: '',
  doubt: null,
  joinedAt: '2026-01-01T00:00:00Z',
  latencies: [],
  may: 'watch',
  isOwnChoice: false,
  wall: null,
}
const mesh: PartyNetworkView['mesh'] = {
  mode: 'auto',
  state: 'on',
  why: null,
  device: 'porch01234567',
  by: 'wireguard-go',
  address: '10.66.0.1',
  broadcasts: { forwarded: 3, repeated: 0, tooMany: 0, tooLong: 0 },
}
const points = (values: readonly (number | null)[]) =>
  values.map((latencyMs, minute) => ({ at: new Date(minute * 60_000).toISOString(), latencyMs }))

test('a member is told of in one line: the way, how long it takes, what is in between, the address', () => {
  assert.equal(describePeer(peer), 'Direct · 12 ms · full cone NAT · 10.66.0.2')
  assert.equal(
    describePeer({ ...peer, connectionType: 'failed', latencyMs: null, virtualIp: '' }),
    'Not reached now · full cone NAT',
  )
  assert.equal(describePeer({ ...peer, isMe: true, natType: 'unknown' }), 'NAT not known · 10.66.0.2')
  assert.equal(nameOf([peer], 'ada'), 'Ada')
  assert.match(nameOf([peer], 'bob'), /not here now/)
})

test('latencies are told by their range, the time they cover, and what was lost', () => {
  assert.equal(describeLatencies(points([5])), undefined)
  assert.equal(describeLatencies(points([null, null, 5])), undefined)
  assert.equal(describeLatencies(points([5, 5])), '5 ms lately')
  assert.equal(describeLatencies(points([5, null, 11.6, 8])), '5–12 ms in 3 minutes, 1 without an answer')
})

test('the virtual LAN is told as it is: there, turned off, or why it cannot be', () => {
  assert.match(describeLan(mesh), /10\.66\.0\.1 .*porch01234567 \(wireguard-go\)/)
  assert.equal(whyNoLan(mesh), undefined)
  const off = { ...mesh, mode: 'off', state: 'off', why: 'it is turned off', broadcasts: null } as const
  assert.match(describeLan(off), /Turned off/)
  assert.equal(whyNoLan(off), undefined)
  const refused = { ...off, mode: 'auto', why: 'there is no WireGuard on this machine' } as const
  assert.match(describeLan(refused), /cannot be in it/)
  assert.equal(whyNoLan(refused), 'There is no WireGuard on this machine.')
  assert.equal(describeGames(refused), undefined)
  assert.equal(describeGames(mesh), 'Games find each other by broadcast: 3 sent on so far.')
  assert.match(describeGames({ ...mesh, broadcasts: null, why: 'no right to' }) ?? '', /do not find .*: no right to\./)
})

test('what went by a relay is told as soon as something did', () => {
  const networkOf = (sentBytes: number, receivedBytes: number): PartyNetworkView => ({
    nat: null,
    birthday: null,
    stunServers: [],
    mesh,
    shares: [],
    ports: [],
    peers: [
      {
        id: 'ada',
        state: 'connected',
        explanation: '',
        latencyMs: 5,
        path: 'relayed',
        relayed: { sentBytes, receivedBytes },
        handshakeAt: null,
        receivedBytes: 0,
        sentBytes: 0,
      },
    ],
  })
  assert.equal(describeRelayed(undefined, 'ada'), undefined)
  assert.equal(describeRelayed(networkOf(0, 0), 'ada'), undefined)
  assert.equal(describeRelayed(networkOf(1, 0), 'bob'), undefined)
  const told = [
    [400, 200],
    [11_000, 1400],
    [3_000_000, 400_000],
    [1e9, 2e8],
  ].map(([sent = 0, received = 0]) => describeRelayed(networkOf(sent, received), 'ada'))
  assert.deepEqual(told, [
    '600 bytes went by a relay so far',
    '12 kB went by a relay so far',
    '3.4 MB went by a relay so far',
    '1.2 GB went by a relay so far',
  ])
})

test('describeRecent says who came and went, the newest first, and no more than five', () => {
  const nowMs = Date.UTC(2026, 0, 1, 12)
  const at = (minutes: number) => new Date(nowMs - minutes * 60_000).toISOString()
  const event = (what: 'joined' | 'left' | 'removed' | 'silent' | 'host', name: string, minutes: number) => ({
    what,
    peerId: name,
    name,
    at: at(minutes),
  })
  const recent = [
    event('left', 'Ada', 0),
    event('host', 'Bob', 2),
    event('removed', 'Cyd', 3),
    event('joined', 'Dan', 4),
  ]
  assert.equal(
    describeRecent(recent, nowMs),
    'Ada left just now, Bob became the host 2 minutes ago, Cyd was taken out 3 minutes ago, Dan came in 4 minutes ago.',
  )
  const many = Array.from({ length: 32 }, (_, index) => event('left', `peer ${index}`, index))
  assert.equal(describeRecent(many, nowMs).split(',').length, 5)
})
