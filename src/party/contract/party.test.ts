import assert from 'node:assert/strict'
import { test } from 'node:test'
import { natTypes } from '../../domain/nat-type.ts'
import { partyOf } from './party.ts'

const told = {
  party_id: 'f00d',
  name: 'Friday',
  host_id: 'open',
  created_at: '2026-11-30T12:00:00+00:00',
  peers: Object.fromEntries(
    natTypes.map((type) => [
      type,
      {
        peer_id: type,
        name: type,
        public_key: 'key',
        nat_type: type,
        public_ip: type === 'open' ? '2001:db8::1' : '198.51.100.1',
        public_port: 4000,
        local_ip: null,
        local_port: null,
        last_seen: '2026-11-30T12:00:00+00:00',
      },
    ]),
  ),
}

test('a party has the fields and the helpers of the seed', () => {
  const party = partyOf(told, {
    myId: 'open',
    virtualAddresses: { open: '10.66.0.1/16' },
    report: (id) => (id === 'symmetric' ? { latencyMs: 12, connectionType: 'direct' } : undefined),
    joinedAt: () => '2026-11-30T12:00:00+00:00',
  })
  assert.deepEqual(
    party.getPeerList().map(({ id }) => id),
    natTypes,
  )
  assert.deepEqual(party.peers.get('open'), {
    id: 'open',
    name: 'open',
    public_key: 'key',
    virtual_ip: '10.66.0.1',
    endpoint: '[2001:db8::1]:4000',
    latency_ms: null,
    connection_type: 'host',
    nat_type: 'open',
    joined_at: '2026-11-30T12:00:00+00:00',
  })
  assert.deepEqual(
    party.getCompatiblePeers('symmetric').map(({ id }) => id),
    ['open'],
  )
  assert.deepEqual(party.getCompatiblePeers('unknown'), [])
})
