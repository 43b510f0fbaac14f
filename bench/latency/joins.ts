import type { Page } from 'playwright-core'
import { openPorchlight, type RunningPorchlight } from '../../test/support/running-porchlight.ts'
import { percentiles, table } from '../support/figures.ts'
import { MeasuringBrowser } from '../support/measuring-browser.ts'

/** Not the waiting room's 720: so its pictures are told from the lobby's. */
const height = 736
const shares = [0.5, 0.95, 1]

/**
 * To the lobby's first picture in the product's own page: from the click on its door on the wall, and from the start of
 * loading a link that leads straight into it, in a browser without anything in its cache.
 */
export async function measureJoins(times: number): Promise<string> {
  await using browser = await MeasuringBrowser.open()
  const rows: string[][] = []
  for (const appId of ['desktop', 'test-pattern']) {
    await using house = await openPorchlight({ flags: ['--app', appId, '--size', `1280x${height}`] })
    const lobby = await house.firstLobby()
    const clicks = await clickIn(browser, house, lobby.title, times)
    const loads: number[] = []
    for (let load = 0; load < times; load++) loads.push(await loadInto(browser, house, lobby.id))
    rows.push([appId, `${times}`, percentiles(clicks, shares), percentiles(loads, shares)])
  }
  const head = ['app', 'times', 'click to first picture p50 / p95 / max ms', 'page load to first picture']
  return table(head, rows)
}

async function clickIn(browser: MeasuringBrowser, house: RunningPorchlight, title: string, times: number) {
  const page = await browser.page()
  await page.goto(house.link)
  const tookMs: number[] = []
  for (let time = 0; time < times; time++) {
    const door = page.getByRole('article').getByRole('button', { name: title, exact: false }).first()
    await door.waitFor()
    const first = firstPicture(page)
    await door.click()
    tookMs.push((await first)?.sinceClickMs ?? Number.NaN)
    await page.goBack()
  }
  await page.context().close()
  return tookMs
}

async function loadInto(browser: MeasuringBrowser, house: RunningPorchlight, lobbyId: string): Promise<number> {
  const page = await browser.page()
  await page.goto(`${house.link}&lobby=${lobbyId}`)
  const tookMs = (await firstPicture(page))?.sinceLoadMs ?? Number.NaN
  await page.context().close()
  return tookMs
}

function firstPicture(page: Page) {
  return page.evaluate((wanted) => pageMeter?.firstPicture(wanted), height)
}
