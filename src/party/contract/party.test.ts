import assert from 'node:assert/strict'
import { test } from 'node:test'
import { natTypes } from '../../domain/nat-type.ts'
import { Party, peerOf } from './party.ts'

const atNoon = '2026-11-30T12:00:00+00:00'
const peers = natTypes.map((type) =>
  peerOf(
    {
      peer_id: type,
      name: type,
      public_key: 'told',
      nat_type: type,
      public_ip: type === 'open' ? '2001:db8::1' : '198.51.100.1',
      public_port: 4000,
      local_ip: null,
      local_port: null,
      last_seen: atNoon,
    },
    {
      public_key: 'key',
      virtualAddress: type === 'open' ? '10.66.0.1/16' : undefined,
      latency_ms: type === 'symmetric' ? 12 : null,
      connection_type: type === 'open' ? 'host' : 'direct',
      joined_at: atNoon,
    },
  ),
)

test('a party has the fields and the helpers of the seed', () => {
  const party = new Party(
    { id: 'f00d', name: 'Friday', host_id: 'open', created_at: atNoon },
    () => new Map(peers.map((peer) => [peer.id, peer])),
  )
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
    joined_at: atNoon,
  })
  assert.deepEqual(
    party.getCompatiblePeers('symmetric').map(({ id }) => id),
    ['open'],
  )
  assert.deepEqual(party.getCompatiblePeers('unknown'), [])
})
