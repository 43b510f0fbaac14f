import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventually } from '../../test/support/eventually.ts'
import { systemClock } from '../kernel/clock.ts'
import { StunTransactions } from '../net/nat/stun-transactions.ts'
import { issueLease, newSigningKey, relayIdOf } from '../net/relay/lease-signing.ts'
import { RelayLink } from '../net/relay/relay-link.ts'
import { openUdpSocket } from '../net/udp/udp-socket.ts'
import { openRelay } from './open-relay.ts'
import { newRelayCounters } from './relay-limits.ts'
import { openRelayStatus, relayMetrics } from './relay-metrics.ts'

for (const workers of [1, 3]) {
  test(`openRelay forwards by real sockets with ${workers} worker(s), whichever of them an end comes to`, async () => {
    const issuer = newSigningKey()
    await using relay = await openRelay({
      addresses: ['127.0.0.1'],
      port: 0,
      name: 'relay.test',
      issuers: [issuer.publicKey],
      workers,
    })
    await using sockets = new AsyncDisposableStack()
    const links: RelayLink[] = []
    const heard: string[] = []
    for (let session = 1; session <= 6; session++) {
      const keys = { host: newSigningKey(), viewer: newSigningKey() }
      const issuedMs = Date.now()
      const expiresMs = issuedMs + 60_000
      const [host, viewer] = [keys.host.publicKey, keys.viewer.publicKey]
      const lease = {
        kind: 'lease',
        session,
        issuedMs,
        expiresMs,
        relay: relayIdOf('relay.test'),
        host,
        viewer,
      } as const
      const signed = issueLease(lease, issuer)
      for (const key of [keys.host, keys.viewer]) {
        const socket = sockets.use(await openUdpSocket({ host: '127.0.0.1', port: 0 }))
        const link = new RelayLink({
          socket,
          clock: systemClock,
          relay: { address: '127.0.0.1', port: relay.port },
          key,
          nextLease: () => signed,
          onPacket: (bytes) => heard.push(new TextDecoder().decode(bytes)),
        })
        sockets.defer(() => link[Symbol.dispose]())
        links.push(link)
      }
    }
    await eventually(
      () => links.map(({ state }) => state.kind === 'admitted' && state.isOtherThere),
      (there) => there.every(Boolean),
      { what: 'all ends are let in and know of each other' },
    )
    for (const [at, link] of links.entries()) link.send(new TextEncoder().encode(String(at)))
    await eventually(
      () => heard.length,
      (count) => count === links.length,
      { what: 'all that was said is heard' },
    )
    const expected = links.map((_link, at) => String(at))
    assert.deepEqual(heard.toSorted(), expected.toSorted())
    await eventually(
      () => relay.status().counters.forwardedPackets,
      (count) => count === links.length,
      { what: 'all that was forwarded is counted' },
    )
    assert.match(relayMetrics(relay.status()), /^porchlight_relay_sessions 6$/m)
    assert.match(relayMetrics(relay.status()), /^porchlight_relay_forwarded_packets_total 12$/m)
  })
}

test('openRelay answers STUN at both of its addresses and ports', async () => {
  const addresses = ['127.0.0.1', '127.0.0.2']
  const relay = await openRelay({ addresses, port: 0, name: 'relay.test', issuers: [], workers: 1 })
  await using closing = relay
  await using socket = await openUdpSocket({ host: '127.0.0.1', port: 0 })
  using stun = new StunTransactions(socket, systemClock)
  const at = { address: '127.0.0.1', port: closing.port }
  const answer = await stun.ask(at, { changeRequest: { address: true, port: true } })
  assert.deepEqual(answer?.from, { address: '127.0.0.2', port: closing.port + 1 })
  assert.deepEqual(answer?.message.attributes.xorMappedAddress, socket.local)
})

test('openRelayStatus tells health and metrics by HTTP, and nothing else', async () => {
  const counters = { sessions: 0, counters: newRelayCounters() }
  await using status = await openRelayStatus({ host: '127.0.0.1', port: 0 }, () => counters)
  const ask = (path: string) => fetch(`http://127.0.0.1:${status.port}${path}`)
  assert.equal(await (await ask('/healthz')).text(), 'ok\n')
  assert.match(await (await ask('/metrics')).text(), /# TYPE porchlight_relay_admitted_total counter/)
  assert.equal((await ask('/else')).status, 404)
})
