import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '../../kernel/clock.ts'
import { nodeCrypto } from '../../net/native/node-crypto.ts'
import { openUdpSocket } from '../../net/udp/udp-socket.ts'
import { ViewError } from '../contract/view-error.ts'
import { openOwnEnd } from './own-end.ts'

test('openOwnEnd sends nothing to the address of a host under a policy that has relays alone', async () => {
  await using there = await openUdpSocket({ host: '127.0.0.1', port: 0 })
  let came = 0
  there.listen(() => (++came, true))
  const { port } = there.local
  const key = nodeCrypto.newKeyPair().publicKey
  await using relayed = await openOwnEnd({ own: nodeCrypto.newKeyPair(), clock: systemClock, policy: 'relay-only' })
  const isForbidden = (error: unknown) =>
    error instanceof ViewError && error.code === 'unreachable' && error.message.includes('relay-only')
  await assert.rejects(relayed.dial({ host: '127.0.0.1', port, key }, 500), isForbidden)
  // Nor where the place at which relays are agreed on does not answer.
  await assert.rejects(relayed.dial({ host: '127.0.0.1', port, key, web: 'http://127.0.0.1:9' }, 500), isForbidden)
  assert.equal(came, 0)
  await using direct = await openOwnEnd({ own: nodeCrypto.newKeyPair(), clock: systemClock, policy: 'direct-only' })
  await assert.rejects(direct.dial({ host: '127.0.0.1', port, key }, 500))
  assert.ok(came > 0)
})
