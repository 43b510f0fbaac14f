import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { openTurnChannel } from '../../test/support/turn-client.ts'
import { hasCoturn, openCoturn } from '../../test/support/coturn.ts'
import { nodeCrypto } from '../net/native/node-crypto.ts'
import { openTurnGrant } from '../net/relay/turn-seal.ts'
import { openUdpSocket } from '../net/udp/udp-socket.ts'
import { grantTurn } from './turn-grants.ts'

const host = new Uint8Array(32).fill(3)
const leaseUntil = (expiresMs: number) =>
  ({
    kind: 'lease',
    session: 0xabc,
    issuedMs: expiresMs - 480_000,
    expiresMs,
    relay: host,
    host,
    viewer: host,
  }) as const

test('grantTurn names session and host, ends with the lease, and is read by the holder of the key alone', () => {
  const own = nodeCrypto.newKeyPair()
  const beside = { urls: ['turn:a.test'], secret: 'north' }
  const granted = grantTurn(beside, leaseUntil(1_433_895_918_999), own.publicKey)
  assert.ok(granted)
  const grant = openTurnGrant(own, granted)
  const holder = createHash('sha256').update(host).digest('hex').slice(0, 16)
  assert.equal(grant?.username, `1433895918:000000000abc-${holder}`)
  assert.equal(grant?.expiresMs, 1_433_895_918_000)
  assert.equal(openTurnGrant(nodeCrypto.newKeyPair(), granted), undefined)
  const changed = Uint8Array.from(granted.sealed)
  changed[0] = (changed[0] ?? 0) ^ 1
  assert.equal(openTurnGrant(own, { ...granted, sealed: changed }), undefined)
  assert.equal(grantTurn(beside, leaseUntil(1), new Uint8Array(32)), undefined)
})

test('coturn relays by credentials of a lease that is good, and refuses those of one that has expired', async (t) => {
  if (!hasCoturn()) return t.skip('wanted: turnserver (coturn)')
  const secret = 'of-the-operator'
  await using coturn = await openCoturn(secret)
  const server = { address: '127.0.0.1', port: coturn.port }
  const channel = async (expiresMs: number) => {
    await using socket = await openUdpSocket({ host: '127.0.0.1', port: 0 })
    const own = nodeCrypto.newKeyPair()
    const granted = grantTurn({ urls: ['turn:a.test'], secret }, leaseUntil(expiresMs), own.publicKey)
    const credentials = granted && openTurnGrant(own, granted)
    assert.ok(credentials)
    return await openTurnChannel({ socket, server, peer: { address: '127.0.0.1', port: 9 }, credentials })
  }
  await assert.rejects(channel(Date.now() - 60_000), /refused/)
  await channel(Date.now() + 480_000)
})
