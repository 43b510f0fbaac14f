/**
 * How long it takes until the lobby's picture is there again after each kind of cut: from the moment at which the network is
 * back (or UDP is dropped, or the server listens) to the first picture in the product's own page that was drawn after it.
 * Browser and server stand in two network namespaces with a router between them. Needs unshare, nsenter and ip.
 *
 *     npm run bench recovery [-- --times 20] [--browser chromium|firefox] [--only "link down for 3 s,server killed"]
 */
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { openChromium } from '../test/support/chromium.ts'
import { openFirefox } from '../test/support/firefox.ts'
import { NetLab } from '../test/support/net-lab.ts'
import { networkCuts, type Cut, type CutScene } from '../test/support/network-cuts.ts'
import { inPrivateNetwork } from '../test/support/private-network.ts'
import { RestartablePorchlight } from '../test/support/restartable-porchlight.ts'
import { lobbyHeight, WatchedPage } from './support/watched-page.ts'
import { buildInPage } from '../test/support/in-page-script.ts'
import { describeRun } from './support/describe-run.ts'
import { percentiles, table } from './support/figures.ts'

const { values } = parseArgs({
  options: {
    times: { type: 'string', default: '20' },
    browser: { type: 'string', default: 'chromium' },
    only: { type: 'string', default: Object.keys(networkCuts).join(',') },
  },
})
const browsers: Readonly<Record<string, typeof openChromium | typeof openFirefox>> = {
  chromium: openChromium,
  firefox: openFirefox,
}
const shares = [0.5, 0.95, 1]
/** Pauses between tries begin anew when a connection has held for five seconds. */
const settleMs = 6000
const patienceMs = 60_000

/** After one cut. */
interface Recovery {
  /** Infinite when the picture did not come back. */
  readonly tookMs: number
  /** What carried it a moment after. */
  readonly path: string
}

if (await inPrivateNetwork()) await main()

async function main(): Promise<void> {
  const openBrowser = browsers[values.browser]
  if (!openBrowser)
    throw new RangeError(`Cannot measure in "${values.browser}": wanted ${Object.keys(browsers).join(', ')}`)
  const run = describeRun()
  await using lab = await NetLab.open()
  await using server = await RestartablePorchlight.open({
    prefix: lab.house,
    flags: ['--host', lab.houseAddress, '--app', 'test-pattern', '--size', `640x${lobbyHeight}`],
  })
  const { id: lobbyId } = await server.house.firstLobby()
  await using opened = await openBrowser()
  const script = await buildInPage(new URL('support/in-page/install-picture-meter.ts', import.meta.url))
  console.log(`${run}\n`)
  const rows: string[][] = []
  for (const name of values.only.split(',')) {
    const cut = networkCuts[name]
    if (!cut) throw new RangeError(`Cannot measure "${name}": wanted ${Object.keys(networkCuts).join(', ')}`)
    const recoveries: Recovery[] = []
    for (let time = 0; time < Number(values.times); time++) {
      await using page = await WatchedPage.open(opened.browser, script)
      recoveries.push(await recover(page, cut, { lab, server }, `${server.link}&lobby=${lobbyId}`))
      await cut.heal({ lab, server })
    }
    rows.push(describe(name, recoveries))
  }
  console.log(
    table(
      [`${values.browser}: cut`, 'times', 'to a new picture p50 / p95 / max ms', 'not within a minute', 'by'],
      rows,
    ),
  )
}

async function recover(page: WatchedPage, cut: Cut, scene: CutScene, link: string): Promise<Recovery> {
  if (!cut.fromTheStart) {
    await page.goTo(link)
    await page.untilDirect()
    await pause(settleMs)
  }
  const backMs = await cut.happen(scene)
  if (cut.fromTheStart) await page.goTo(link)
  const shownMs = (await page.firstDrawnAfter(backMs, patienceMs)) ?? Infinity
  return { tookMs: shownMs - backMs, path: await page.path() }
}

function describe(name: string, recoveries: readonly Recovery[]): string[] {
  const tookMs = recoveries.map((recovery) => recovery.tookMs)
  const paths = Map.groupBy(recoveries, ({ path }) => path)
  return [
    name,
    `${recoveries.length}`,
    percentiles(tookMs, shares),
    `${tookMs.filter((ms) => ms === Infinity).length}`,
    [...paths].map(([path, those]) => `${path} ${those.length}`).join(', '),
  ]
}
