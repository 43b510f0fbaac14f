/**
 * A browser and a host behind routers between which nothing direct gets through, and on the public segment a relay and coturn. The host has
 * no secret of coturn's, and no `--turn`: the page has the credentials that the relay gives for the host's leases. The real Chromium, the real
 * host, routers of nftables in network namespaces. Credentials are good for half a minute, and what is allocated with them has to be refreshed
 * every twenty seconds. It shows what the page's statistics say of the path, in four states: relayed, relayed still when the first credentials
 * have expired, by the web port when coturn was killed, and relayed again when it runs again, by credentials that were renewed in the conversation.
 * It fails where the page does not come to say so. With `--screenshots DIRECTORY`, pictures of
 * them, of both themes and at the size of a phone.
 *
 *     npm run bench turn [-- --screenshots DIRECTORY]
 */
import { generateKeyPairSync } from 'node:crypto'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { Page } from 'playwright-core'
import { signingKeyOf } from '../src/net/relay/lease-signing.ts'
import { openRelay } from '../src/relay/open-relay.ts'
import { openChromium } from '../test/support/chromium.ts'
import { hasCoturn, openCoturn } from '../test/support/coturn.ts'
import { eventually } from '../test/support/eventually.ts'
import { canHaveNatLab, labServers, NatLab, type LabHost } from '../test/support/nat-lab.ts'
import { canHavePrivateNetwork, inPrivateNetwork } from '../test/support/private-network.ts'
import { openPorchlight } from '../test/support/running-porchlight.ts'
import { openSeats } from '../test/support/viewer-page.ts'
import { describeRun } from './support/describe-run.ts'

const { values } = parseArgs({ options: { screenshots: { type: 'string' } } })
const webPort = 8080
const relayPort = 3479
const withinMs = 120_000
const secret = 'of-the-turn-server'
/** Of the credentials. */
const goodForMs = 30_000
const settings = ['max-allocate-lifetime=20', 'stale-nonce=15']
/** Named, with how it is spoken to and how long that takes. */
const byRelay = /\nPath\nrelay [\d.]+, UDP, \d+ ms\n[^]*Seen by the host at\n/

if (!canHavePrivateNetwork() || !canHaveNatLab() || !hasCoturn()) {
  console.error('Wanted: network namespaces, nft (nftables) and turnserver (coturn)')
  process.exitCode = 1
} else if (await inPrivateNetwork()) await show()

async function show(): Promise<void> {
  await using open = new AsyncDisposableStack()
  const directory = await mkdtemp(join(tmpdir(), 'porchlight-turn-'))
  open.defer(() => rm(directory, { recursive: true, force: true }))
  const lab = open.use(await NatLab.open(['port-restricted', 'symmetric']))
  const [house, home] = lab.hosts as [LabHost, LabHost]
  await house.filter(
    `chain in { type nat hook prerouting priority dstnat; iifname "wan" tcp dport ${webPort} dnat to ${house.address}; }`,
  )
  const [publicAddress] = labServers
  const coturn = await openCoturn(secret, publicAddress, { settings })
  open.defer(() => coturn[Symbol.asyncDispose]())
  const issuer = generateKeyPairSync('ed25519').privateKey
  const keyFile = join(directory, 'issuer.pem')
  await writeFile(keyFile, issuer.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
  const relay = `${publicAddress}:${relayPort}`
  const beside = open.use(
    await openRelay({
      addresses: [publicAddress],
      port: relayPort,
      name: relay,
      issuers: [signingKeyOf(issuer).publicKey],
      workers: 1,
      turn: { urls: [`turn:${publicAddress}:${coturn.port}`], secret, goodForMs },
    }),
  )
  const web = `http://${house.outside}:${webPort}`
  const flags = [`--host=${house.address}`, `--port=${webPort}`, '--no-tls', `--origin=${web}`, '--app=test-pattern']
  const server = open.use(
    await openPorchlight({
      prefix: house.prefix,
      flags: [...flags, `--relay=${relay}`, `--relay-issuer-key=${keyFile}`],
    }),
  )
  const lobby = await server.firstLobby()
  await eventually(
    () => beside.status().counters.turnGrants,
    (grants) => grants > 0,
    { what: 'credentials of TURN for a lease' },
  )
  const { token } = await server.invite(lobby.id, 'player')

  const executablePath = join(directory, 'chromium')
  await writeFile(executablePath, `#!/bin/sh\nexec ${home.prefix.join(' ')} /usr/bin/chromium "$@"\n`)
  await chmod(executablePath, 0o755)
  const chromium = open.use(await openChromium({ executablePath, secureOrigins: [web] }))
  const sit = await openSeats('reduce')
  const viewer = await sit(chromium.browser, `${web}/#invite=${token}`)
  await viewer.untilLive(withinMs)
  await viewer.useTool('Statistics')
  const { page } = viewer
  const told = async (state: string, path: RegExp) => {
    const panel = () => page.locator('.stats').innerText()
    const said = await eventually(panel, (text) => path.test(text), { what: `${path} in the panel`, withinMs })
    console.log(`\n${state}\n${linesOf(said)}`)
    await photograph(page, state)
  }
  console.log(describeRun())
  await told('relayed', byRelay)
  const standing = await viewer.page.locator('.journal').innerText()
  await sleep(2 * goodForMs)
  await told('relayed still', byRelay)
  if ((await viewer.page.locator('.journal').innerText()) !== standing) throw new Error('The connection did not stand')
  await coturn[Symbol.asyncDispose]()
  await told('by the web port', /\nPath\nweb port\n[^]*Seen by the host at\n/)
  const back = await openCoturn(secret, publicAddress, { port: coturn.port, settings })
  open.defer(() => back[Symbol.asyncDispose]())
  await told('relayed again', byRelay)
  console.log(`\ncomplaints of the page: ${viewer.complaints.join('; ') || 'none'}`)
}

/** What the panel says of the path, and what became of it. */
function linesOf(panel: string): string {
  const all = panel.split('\n')
  const value = (name: string) => `  ${name}: ${all[all.indexOf(name) + 1] ?? ''}`
  const rows = ['Path', 'Because', 'Since', 'Seen by the host at', 'Round trip', 'Lost packets'].map(value)
  const journal = all.slice(all.findIndex((line) => line.startsWith('Cut my network')) + 1, all.indexOf('Path'))
  return [...rows, `  Journal: ${journal.join(' | ')}`].join('\n')
}

async function photograph(page: Page, state: string): Promise<void> {
  if (values.screenshots === undefined) return
  const name = join(values.screenshots, state.replaceAll(' ', '-'))
  const sizes = { desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } }
  for (const [size, viewport] of Object.entries(sizes)) {
    await page.setViewportSize(viewport)
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme })
      await page.screenshot({ path: `${name}-${size}-${colorScheme}.png` })
    }
  }
  await page.setViewportSize(sizes.desktop)
}
