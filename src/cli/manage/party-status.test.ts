import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PartyNetworkView } from '../../wire/api/party-network.ts'
import type { PartyPeerView, PartyView } from '../../wire/api/party.ts'
import { describeParty, statusOf, toldInvitation } from './party-status.ts'

const me: PartyPeerView = {
  id: 'a1',
  name: 'ada',
  isMe: true,
  isHost: true,
  publicKey: 'key',
  virtualIp: '10.66.0.1',
  endpoint: '',
  natType: 'unknown',
  connectionType: 'host',
  latencyMs: null,
  reason: '',
  doubt: null,
  joinedAt: '2026-01-01T00:00:00Z',
  latencies: [],
  may: 'watch',
  isOwnChoice: false,
  wall: null,
}
const bob: PartyPeerView = {
  ...me,
  id: 'b2',
  name: 'bob',
  isMe: false,
  isHost: false,
  connectionType: 'direct',
  latencyMs: 11.6,
  natType: 'full_cone',
  reason: 'direct 192.0.2.7:4000 (taken)',
}
const view: PartyView = {
  status: 'in_party',
  why: null,
  usualMay: 'watch',
  recent: [{ what: 'left', peerId: 'gone', name: 'Cyd', at: '2026-01-01T00:00:00.000Z' }],
  party: {
    id: 'f00d',
    name: 'Friday',
    hostId: 'a1',
    createdAt: '2026-01-01T00:00:00Z',
    code: '7KQ2M-9XD4T',
    link: null,
    isOnlyHere: false,
    mode: 'home',
    plane: 'this host',
  },
  nat: { type: 'open', publicIp: null, publicPort: null },
  peers: [me, bob],
}
const network: PartyNetworkView = {
  nat: 'no NAT',
  birthday: null,
  stunServers: [],
  mesh: {
    mode: 'auto',
    state: 'on',
    why: null,
    device: 'porch01234567',
    by: 'wireguard-go',
    address: '10.66.0.1',
    broadcasts: null,
  },
  peers: [],
  shares: [],
  ports: [],
}

test('a party where all is well is told without advice', () => {
  const text = describeParty(view, network)
  assert.match(text, /^bob +member +directly +12 ms +full cone +10\.66\.0\.1 +watch +\?$/m)
  assert.match(text, /^ada \(this host\) +host /m)
  assert.match(text, /^bob +direct 192\.0\.2\.7:4000 \(taken\)$/m)
  assert.match(text, /Virtual LAN +this machine is 10\.66\.0\.1 on porch01234567, by wireguard-go/)
  assert.doesNotMatch(text, /What to do/)
})

test('what is wrong is told with what to do about it', () => {
  const { party } = view
  assert.ok(party)
  const wrong: PartyView = {
    ...view,
    party: { ...party, mode: 'connecting', plane: 'https://plane.example' },
    nat: { ...view.nat, type: 'unknown' },
    peers: [me, { ...bob, name: 'b\u001b[31mob', connectionType: 'failed', latencyMs: null }],
  }
  const lacking: PartyNetworkView = {
    ...network,
    nat: 'no STUN server is known',
    mesh: { ...network.mesh, state: 'off', why: 'there is no WireGuard', device: null, by: null, address: null },
    ports: [{ peerId: 'c', protocol: 'tcp', port: 1, localPort: 2, isOpen: false, why: 'that member is not here' }],
  }
  const text = describeParty(wrong, lacking)
  const [, advice = ''] = text.split('What to do:\n')
  for (const said of [/plane\.example/, /cannot be reached/, /STUN/, /CAP_NET_ADMIN/, /127\.0\.0\.1:2 /]) {
    assert.match(advice, said)
  }
  assert.equal(text.includes('\u001b'), false)
  assert.match(text, /plane\.example \(NOT REACHED now/)
  const alone = describeParty({ ...view, party: { ...party, mode: 'local' } }, network)
  assert.match(alone, /Control plane +NOT REACHED; members who are near each other meet without it$/m)
  assert.match(alone, /See whether the machine of its host runs/)
  assert.match(describeParty({ ...view, peers: [me] }, network), /give others the code/)
  const none: PartyView = { ...view, status: 'no_party', why: 'The host has ended it', party: null, peers: [] }
  assert.match(describeParty(none, undefined), /in no party. The host has ended it. Make one with party create/)
  assert.match(describeParty({ ...none, status: 'off' }, undefined), /turned off/)
})

test('programs are told the status as the seed has it, and beside it the virtual LAN, reasons and ports', () => {
  const status = statusOf(view, network) as Record<string, unknown>
  assert.deepEqual(Object.keys(status).slice(0, 4), ['status', 'party', 'peer_count', 'nat_info'])
  assert.deepEqual(status['reasons'], { b2: 'direct 192.0.2.7:4000 (taken)' })
  assert.deepEqual(status['virtual_lan'], network.mesh)
})

test('a code with a second part is told where it was asked for alone, and whom it keeps apart with what to do', () => {
  const secret: PartyView = {
    ...view,
    party: view.party && { ...view.party, code: null },
    peers: [me, { ...bob, doubt: 'other-secret' }],
  }
  assert.match(describeParty(secret, network), /^Code +party invite tells it/m)
  assert.match(describeParty(secret, network), /^- bob has another second part of the code than this host\./m)
  const { doubts, code } = statusOf(secret, network) as { doubts: unknown; code: unknown }
  assert.deepEqual([doubts, code], [{ b2: 'other-secret' }, null])
  const { text, json } = toldInvitation({ code: 'A-B-C-D', link: 'http://h/#secret=D', hasSecondPart: true })
  assert.ok(text.includes('A-B-C-D') && text.includes('http://h/#secret=D'))
  assert.deepEqual(json, { code: 'A-B-C-D', link: 'http://h/#secret=D', has_second_part: true })
})
