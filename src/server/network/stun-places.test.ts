import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as v from 'valibot'
import { relayPlaces } from '../config/config-relays.ts'
import { iceServers } from '../config/setting-values.ts'
import { stunOfRelays } from './stun-places.ts'

test('stunOfRelays has the media of this host ask each relay where it is seen, by a name, IPv4 and IPv6', () => {
  const relays = v.parse(relayPlaces, ['relay.example.org:3479', '203.0.113.1:3479', '[2001:db8::1]:3480'])
  const told = stunOfRelays(relays)
  assert.deepEqual(
    told.map(({ urls }) => urls),
    ['stun:relay.example.org:3479', 'stun:203.0.113.1:3479', 'stun:[2001:db8::1]:3480'],
  )
  assert.deepEqual(v.parse(iceServers, told), told)
})
