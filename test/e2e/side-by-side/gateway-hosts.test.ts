import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import * as v from 'valibot'
import { systemClock } from '../../../src/kernel/clock.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import { signingKeyOf } from '../../../src/net/relay/lease-signing.ts'
import { openRelay } from '../../../src/relay/open-relay.ts'
import { openRelayReport } from '../../../src/relay/relay-report.ts'
import { hostInfo, session } from '../../../src/wire/api/resources.ts'
import { eventually } from '../../support/eventually.ts'
import { canHaveNatLab, labServers, NatLab, type LabHost } from '../../support/nat-lab.ts'
import { canHavePrivateNetwork, inPrivateNetwork } from '../../support/private-network.ts'
import { openPorchlight, type RunningPorchlight } from '../../support/running-porchlight.ts'
import { RunningViewer } from '../../support/running-viewer.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

/** For what comes, also on a busy machine. */
const withinMs = 120_000
const planePort = 8090
const relayPort = 3478
const gateway = `http://${labServers[0]}:${planePort}`
const main = join(import.meta.dirname, '../../../src/cli/main.ts')

if (!canHavePrivateNetwork()) test('hosts at a gateway', { skip: 'this machine gives us no network namespaces' })
else if (!canHaveNatLab()) test('hosts at a gateway', { skip: 'there is no nft (nftables), of which routers are made' })
else if (await inPrivateNetwork()) {
  test('hosts that nobody can reach are found through a control plane', { timeout: 300_000 }, (t) => testHosts(t))
}

/** A control plane of its own process, and hosts and a viewer behind routers that let nothing in. */
async function testHosts(t: TestContext): Promise<void> {
  let isDone = false
  await using open = new AsyncDisposableStack()
  const lab = open.use(await NatLab.open(['port-restricted', 'udp-blocked', 'restricted', 'symmetric']))
  const [house, shut, guest, far] = lab.hosts as [LabHost, LabHost, LabHost, LabHost]
  const issuer = generateKeyPairSync('ed25519').privateKey
  const issuerFile = join(temporaryDirectory(t), 'issuer.pem')
  await writeFile(issuerFile, issuer.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
  const relay = open.use(
    await openRelay({
      addresses: [labServers[0]],
      port: relayPort,
      name: `${labServers[0]}:${relayPort}`,
      workers: 1,
      issuers: [signingKeyOf(issuer).publicKey],
    }),
  )
  const args = ['control', `--host=${labServers[0]}`, `--port=${planePort}`, '--memory', '--status-port=9091']
  const plane = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  open.defer(async () => {
    const ended = once(plane, 'exit')
    plane.kill('SIGTERM')
    assert.deepEqual(await ended, [0, null])
  })
  let said = ''
  plane.stdout.setEncoding('utf8').on('data', (text: string) => (said += text))
  await eventually(
    () => said,
    (text) => text.includes('/metrics'),
    { what: 'a control plane', withinMs },
  )
  assert.match(said, /Hosts are found through it/)
  // Nobody but the plane is told of it: hosts hear of it there, for STUN and for leases.
  let token: string | undefined
  open.use(
    openRelayReport({
      url: gateway,
      relay: { relay_id: 'relay-beside', public_ip: labServers[0], port: relayPort, region: 'world', capacity: 100 },
      sessions: () => relay.status().sessions,
      token: { read: () => token, write: (value) => void (token = value) },
      clock: systemClock,
      log: silentLog,
    }),
  )
  await eventually(
    async () => await (await fetch(`${gateway}/relays`, { headers: { authorization: `Bearer ${token}` } })).text(),
    (text) => text.includes('relay-beside'),
    { what: 'a relay of the plane', withinMs },
  )

  // The lab lets this thread into one machine at a time.
  let last: Promise<unknown> = Promise.resolve()
  const begin = async (from: LabHost) => {
    const server = await openPorchlight({
      prefix: from.prefix,
      flags: [
        `--gateway=${gateway}`,
        `--relay-issuer-key=${issuerFile}`,
        '--app=test-pattern',
        '--size=320x240',
        '--no-tls',
      ],
    })
    open.use(server)
    open.defer(() => {
      if (!isDone) t.diagnostic(server.log.slice(-4000))
    })
    const ask = (path: string) => {
      const asked = last.catch(() => {}).then(() => from.throughTurn(() => server.api('GET', path)))
      last = asked
      return asked
    }
    const info = async () => v.parse(hostInfo, (await ask('host')).json())
    await eventually(info, (found) => found.gateway?.state === 'registered' && found.gateway.relays === 1, {
      what: 'a registration',
      withinMs,
    })
    return { server, ask, link: (await info()).nativeLinks[0] ?? '' }
  }
  const hosts = [await begin(house), await begin(shut)] as const
  // By the owner's token, as by an invitation.
  const view = async ({ server, link }: { server: RunningPorchlight; link: string }, from = guest) => {
    assert.ok(link.includes(`?web=${gateway}/hosts/`), link)
    const viewer = new RunningViewer(temporaryDirectory(t), [`${link}#${server.ownerToken}`, '--headless', '--stats'], {
      prefix: from.prefix,
    })
    open.use(viewer)
    const fps = () => Math.max(0, ...[...viewer.output.matchAll(/fps=([\d.]+)/g)].map(([, rate]) => Number(rate)))
    await eventually(
      () => [fps(), viewer.output.slice(-300), viewer.errors] as const,
      ([rate]) => rate > 5,
      { what: 'pictures', withinMs },
    )
    return viewer
  }
  for (const host of hosts) await view(host)
  const [reached, blocked] = hosts
  const takes = async ({ ask }: (typeof hosts)[0], kind: string) =>
    await eventually(
      async () => v.parse(v.array(session), (await ask('sessions')).json()).map(({ path }) => path),
      (paths) => paths.some((path) => path?.path === kind),
      { what: `a ${kind} path`, withinMs },
    )
  await takes(reached, 'direct')
  await takes(blocked, 'web-port')

  const metrics = await (await fetch('http://127.0.0.1:9091/metrics')).text()
  const figure = (name: string) => Number(new RegExp(`^porchlight_${name} (\\d+)$`, 'm').exec(metrics)?.[1])
  assert.deepEqual([figure('hosts_registered'), figure('host_visits_joined_total')], [2, 2])
  assert.ok(figure('host_packets_total') > 100, 'packets of the tunnel')

  // No punching opens a way between these two.
  await view(reached, far)
  await takes(reached, 'relayed')

  await blocked.server.stop()
  const late = new RunningViewer(
    temporaryDirectory(t),
    [`${blocked.link}#${blocked.server.ownerToken}`, '--headless'],
    {
      prefix: guest.prefix,
    },
  )
  open.use(late)
  assert.equal(await late.ended, 1)
  assert.match(late.errors, /is not at its gateway now/)
  isDone = true
}
