import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import * as v from 'valibot'
import { signingKeyOf } from '../../../src/net/relay/lease-signing.ts'
import { openRelay } from '../../../src/relay/open-relay.ts'
import { openHostKey } from '../../../src/server/native/open-host-key.ts'
import { sessionTimeline } from '../../../src/wire/api/record-resources.ts'
import { session } from '../../../src/wire/api/resources.ts'
import { eventually } from '../../support/eventually.ts'
import { canHaveNatLab, labServers, NatLab, type LabHost } from '../../support/nat-lab.ts'
import { NativeClient, type ReachingClient } from '../../support/native-client.ts'
import { canHavePrivateNetwork, inPrivateNetwork } from '../../support/private-network.ts'
import { openPorchlight } from '../../support/running-porchlight.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

/** For what comes, also on a busy machine. */
const withinMs = 60_000
const webPort = 8080
const relayPorts = [3478, 3480] as const
const manyPictures = 10

if (!canHavePrivateNetwork()) test('reached sessions', { skip: 'this machine gives us no network namespaces' })
else if (!canHaveNatLab()) test('reached sessions', { skip: 'there is no nft (nftables), of which routers are made' })
else if (await inPrivateNetwork()) {
  test('sessions of a host behind a router', { timeout: 180_000 }, (t) => testSessions(t))
}

/** A real host behind a router that lets TCP to its web port in and nothing else, two relays, and clients behind routers of other kinds. */
async function testSessions(t: TestContext): Promise<void> {
  let isDone = false
  await using open = new AsyncDisposableStack()
  const lab = open.use(await NatLab.open(['port-restricted', 'restricted', 'symmetric', 'udp-blocked']))
  const [house, near, far, shut] = lab.hosts as [LabHost, LabHost, LabHost, LabHost]
  await house.filter(
    `chain in { type nat hook prerouting priority dstnat; iifname "wan" tcp dport ${webPort} dnat to ${house.address}; }`,
  )
  const issuerFile = join(temporaryDirectory(t), 'issuer.pem')
  const { privateKey } = generateKeyPairSync('ed25519')
  await writeFile(issuerFile, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
  const relays = await Promise.all(
    relayPorts.map(async (port) => ({
      name: `${labServers[0]}:${port}`,
      relay: open.use(
        await openRelay({
          addresses: [labServers[0]],
          port,
          name: `${labServers[0]}:${port}`,
          issuers: [signingKeyOf(privateKey).publicKey],
          workers: 1,
        }),
      ),
    })),
  )
  const web = `http://${house.outside}:${webPort}`
  const server = await openPorchlight({
    prefix: house.prefix,
    flags: [
      `--host=${house.address}`,
      `--port=${webPort}`,
      '--no-tls',
      `--origin=${web}`,
      '--native=on',
      '--app=test-pattern',
      '--size=320x240',
      `--relay-issuer-key=${issuerFile}`,
      ...relays.map(({ name }) => `--relay=${name}`),
    ],
  })
  open.use(server)
  // What the host has to say when it comes to nothing.
  open.defer(() => {
    if (!isDone) t.diagnostic(server.log.slice(-4000))
  })
  const lobby = await server.firstLobby()
  const { publicKey: key } = openHostKey(join(server.directory, 'data'))
  const sessions = async () => v.parse(v.array(session), (await server.api('GET', 'sessions')).json())

  const arrive = async (from: LabHost, name: string): Promise<ReachingClient> => {
    const client = await NativeClient.meet({
      web,
      key,
      bind: from.address,
      open: (make) => from.throughTurn(make),
    })
    open.use(client)
    const { token } = await server.invite(lobby.id, 'viewer')
    const welcome = await client.knock({ type: 'redeem', invitation: token, name, device: name })
    assert.equal(welcome?.type, 'welcome', JSON.stringify(welcome))
    client.say({ type: 'join', lobbyId: lobby.id })
    client.say({ type: 'web-media', codecs: ['h264'], audio: true })
    await pictures(client)
    return client
  }
  /** Waits for pictures that were taken from now on. */
  const pictures = async (client: ReachingClient) => {
    const fromMs = Date.now()
    const { length } = client.pictures
    await eventually(
      () => [client.pictures.length, client.reach.explanation] as const,
      ([count]) => count >= length + manyPictures,
      { what: 'pictures', withinMs },
    )
    return Date.now() - fromMs
  }
  const takes = async (client: ReachingClient, kind: string, but?: string) =>
    await eventually(
      () => [client.reach.current?.kind, client.reach.current?.name, client.reach.explanation] as const,
      ([now, name]) => now === kind && name !== but,
      { what: `a ${kind} path`, withinMs },
    )

  const beganMs = Date.now()
  const direct = await arrive(near, 'Near')
  t.diagnostic(`first picture after ${Date.now() - beganMs} ms`)
  const relayed = await arrive(far, 'Far')
  const tunnelled = await arrive(shut, 'Shut')
  await takes(direct, 'direct')
  await takes(relayed, 'relayed')
  await takes(tunnelled, 'web-port')
  await eventually(
    sessions,
    (all) => ['direct', 'relayed', 'web-port'].every((path) => all.some((one) => one.path?.path === path)),
    { what: 'a session by each kind of path', withinMs },
  )

  // One direction alone: both ends go on hearing of each other by halves.
  await near.filter(
    `chain cut { type filter hook forward priority filter - 5; ip saddr ${house.outside} meta l4proto udp drop; }`,
  )
  await takes(direct, 'relayed')
  t.diagnostic(`cut to the viewer: ${manyPictures} pictures ${await pictures(direct)} ms after the move`)
  await near.filter(undefined)
  await takes(direct, 'direct')
  await pictures(direct)

  const before = relayed.reach.current?.name
  await relays.find(({ name }) => before?.includes(name))?.relay.close()
  await takes(relayed, 'relayed', before)
  await pictures(relayed)
  await pictures(tunnelled)
  for (const client of [direct, relayed, tunnelled]) assert.equal(client.closeCode, 'open')

  const mine = (await sessions()).find(({ path }) => path?.path === 'direct')
  const told = v.parse(sessionTimeline, (await server.api('GET', `records/${mine?.id}`)).json())
  const moves = told.stays.flatMap(({ entries }) => entries).filter(({ kind }) => kind === 'path')
  assert.ok(moves.some(({ detail }) => detail['path'] === 'relayed' && String(detail['why']).startsWith('relay ')))
  assert.match(String(moves.at(-1)?.detail['why']), /^direct .+ ms/)
  const counted = (await server.metrics()).get('porchlight_paths_total{path="relayed",reason="moved",gateway="native"}')
  assert.ok((counted ?? 0) >= 2, `${counted}`)
  isDone = true
}
