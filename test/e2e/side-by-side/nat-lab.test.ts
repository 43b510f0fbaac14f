import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { systemClock } from '../../../src/kernel/clock.ts'
import { detectNat } from '../../../src/net/nat/detect-nat.ts'
import { canPunch, natName } from '../../../src/net/nat/nat-findings.ts'
import { StunTransactions } from '../../../src/net/nat/stun-transactions.ts'
import type { PathFinder } from '../../../src/net/paths/path-finder.ts'
import { PathPorts } from '../../../src/net/paths/path-ports.ts'
import { issueLease, newSigningKey, relayIdOf, type SigningKey } from '../../../src/net/relay/lease-signing.ts'
import { RelayLink } from '../../../src/net/relay/relay-link.ts'
import { openUdpSocket, type UdpSocket } from '../../../src/net/udp/udp-socket.ts'
import { openRelay } from '../../../src/relay/open-relay.ts'
import type { WireAddress } from '../../../src/wire/address-bytes.ts'
import { eventually } from '../../support/eventually.ts'
import { canHaveNatLab, labNats, labServers, NatLab, type LabHost } from '../../support/nat-lab.ts'
import { canHavePrivateNetwork, inPrivateNetwork } from '../../support/private-network.ts'

/** For what comes, also on a busy machine. */
const withinMs = 60_000
const server: WireAddress = { address: labServers[0], port: 3478 }

/** One end of a pair: its socket, its paths, and what it has heard. */
interface End {
  readonly finder: PathFinder
  readonly ports: PathPorts
  readonly heard: string[]
}

async function testLab(): Promise<void> {
  const issuer = newSigningKey()
  const lab = await NatLab.open([...labNats, ...labNats])
  const open = new AsyncDisposableStack()
  open.use(lab)
  open.use(
    await openRelay({
      addresses: labServers,
      port: server.port,
      name: 'relay.lab',
      issuers: [issuer.publicKey],
      workers: 1,
      limits: { asking: { packetsPerS: 1000, burst: 1000 } },
    }),
  )
  after(() => open.disposeAsync())

  test('detectNat knows every kind of router of the lab by the STUN server of a relay', async () => {
    const names = await Promise.all(
      lab.hosts.slice(0, labNats.length).map(async ({ address, inside }) => {
        await using socket = await inside(() => openUdpSocket({ host: address, port: 0 }))
        using stun = new StunTransactions(socket, systemClock)
        const servers = [server]
        return natName(await detectNat({ stun, servers, addresses: [address], port: socket.local.port }))
      }),
    )
    assert.deepEqual(names, labNats)
  })

  test('PathFinder takes a direct path wherever the table has one, the relay between others, and none where UDP is blocked', async () => {
    const pairs = await Promise.all(
      labNats.flatMap((own, at) =>
        labNats.slice(at).map(async (other, more) => {
          const hosts = [lab.hosts[at], lab.hosts[labNats.length + at + more]] as [LabHost, LabHost]
          const ends = await openPair(hosts, 10 * at + more, issuer, open)
          const expected = canPunch(own, other) === 'yes' ? 'direct' : 'relayed'
          const isBlocked = own === 'udp-blocked' || other === 'udp-blocked'
          return { name: `${own} with ${other}`, ends, expected, isBlocked }
        }),
      ),
    )
    await eventually(
      () =>
        pairs
          .filter(
            ({ isBlocked, expected, ends }) =>
              !isBlocked && ends.some(({ finder }) => finder.current?.kind !== expected),
          )
          .map(({ name, ends }) => `${name}: ${ends.map(({ finder }) => finder.explanation).join(' | ')}`),
      (missing) => missing.length === 0,
      { what: 'every pair has the path that it should have', withinMs },
    )
    for (const { ends, isBlocked } of pairs) {
      for (const { ports, finder } of ends) {
        if (isBlocked) assert.equal(finder.current, undefined)
        else if (finder.current) ports.send(new TextEncoder().encode('~hello'), finder.current)
      }
    }
    await eventually(
      () =>
        pairs
          .filter(({ ends, isBlocked }) => !isBlocked && ends.some(({ heard }) => heard.length === 0))
          .map(({ name }) => name),
      (silent) => silent.length === 0,
      { what: 'each end hears by its path what the other says', withinMs },
    )
  })
}

/** A socket at each host, asked where it is seen; then both ends look for each other. */
async function openPair(
  hosts: readonly [LabHost, LabHost],
  session: number,
  issuer: SigningKey,
  open: AsyncDisposableStack,
): Promise<End[]> {
  const sockets = await Promise.all(
    hosts.map(async ({ address, inside }) => open.use(await inside(() => openUdpSocket({ host: address, port: 0 })))),
  )
  const candidates = await Promise.all(sockets.map(candidatesOf))
  const keys = [newSigningKey(), newSigningKey()] as const
  const issuedMs = Date.now()
  const [host, viewer] = [keys[0].publicKey, keys[1].publicKey]
  const relay = relayIdOf('relay.lab')
  const lease = issueLease(
    { kind: 'lease', session, issuedMs, expiresMs: issuedMs + 300_000, relay, host, viewer },
    issuer,
  )
  const credentials = [0, 1].map((end) => ({ fragment: `s${session}e${end}`, password: `secret ${session} ${end}` }))
  return sockets.map((socket, at): End => {
    const [local, remote, key] = [credentials[at], credentials[1 - at], keys[at]]
    assert.ok(local && remote && key)
    const link = new RelayLink({
      socket,
      clock: systemClock,
      relay: server,
      key,
      nextLease: () => lease,
      onPacket: (bytes, by, from) => ports.receive(bytes, by, from),
    })
    open.defer(() => link[Symbol.dispose]())
    const ports = open.use(new PathPorts(socket))
    const heard: string[] = []
    ports.onPacket = (bytes) => heard.push(new TextDecoder().decode(bytes))
    const isControlling = at === 1
    const finder = ports.find({
      clock: systemClock,
      local,
      remote,
      isControlling,
      policy: 'prefer-direct',
      onPath: () => {},
    })
    finder.try(link, server)
    for (const candidate of candidates[1 - at] ?? []) finder.try(ports.direct, candidate)
    return { finder, ports, heard }
  })
}

async function candidatesOf(socket: UdpSocket): Promise<WireAddress[]> {
  using stun = new StunTransactions(socket, systemClock)
  const reflexive = (await stun.ask(server))?.message.attributes.xorMappedAddress
  return [socket.local, ...(reflexive ? [reflexive] : [])]
}

if (!canHavePrivateNetwork()) test('NatLab', { skip: 'this machine gives us no network namespaces' })
else if (!canHaveNatLab()) test('NatLab', { skip: 'there is no nft (nftables), of which routers are made' })
else if (await inPrivateNetwork()) await testLab()
