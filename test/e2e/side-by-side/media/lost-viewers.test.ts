import assert from 'node:assert/strict'
import { barcodeAgeMs } from '../../../../src/media/test-pattern/time-barcode.ts'
import { openChromium } from '../../../support/chromium.ts'
import { eventually } from '../../../support/eventually.ts'
import { heldInDisplay } from '../../../support/held-in-display.ts'
import { scene } from './scene.ts'
import type { ViewerPage } from '../../../support/viewer-page.ts'

const { house } = scene
const terminal = scene.lobby('terminal', 'Terminal')
const pattern = scene.lobby('test-pattern', 'Pattern')

terminal.test('what a browser held down goes up when the browser is killed', async (t) => {
  await using x = await terminal.machine.connect()
  const stays = await scene.sit()
  await stays.stepInto('Terminal')
  await using doomed = await openChromium()
  const goes = await scene.sit({ browser: doomed.browser })
  await goes.stepInto('Terminal')
  await goes.takeControl({ x: 0.4, y: 0.4 })
  await goes.page.keyboard.down('Shift')
  await goes.page.keyboard.down('a')
  await goes.page.mouse.down()
  await eventually(
    () => heldInDisplay(x),
    ({ keys, buttons }) => keys.length === 2 && buttons === 1,
    {
      what: 'two keys and a button that are down',
    },
  )
  const killedMs = performance.now()
  await doomed.kill()
  await eventually(
    () => heldInDisplay(x),
    ({ keys, buttons }) => keys.length === 0 && buttons === 0,
    {
      what: 'nothing that is down',
    },
  )
  t.diagnostic(`released after ${Math.round(performance.now() - killedMs)} ms`)
  await eventually(
    () => house.metric('porchlight_viewers'),
    (viewers) => viewers === 1,
    { what: 'one viewer less' },
  )

  await stays.takeControl({ x: 0.3, y: 0.3 })
  // Takes back the line as far as it is typed. Control+C might take the next one along: a shell that is interrupted
  // drops what it has read by then.
  await stays.page.keyboard.press('Control+u')
  await stays.enter('echo still here > alive')
  assert.equal(await terminal.machine.textOf('terminal', 'alive', (text) => text !== ''), 'still here\n')
})

pattern.test('a browser that stands still delays nobody, and is up to date again by itself', async (t) => {
  const stays = await scene.sit()
  await stays.stepInto('Pattern')
  await using sleeper = await openChromium()
  const sleeps = await scene.sit({ browser: sleeper.browser })
  await sleeps.stepInto('Pattern')
  const before = await stays.probe('count', 2000)
  sleeper.pause()
  // What is held back for the other one would be older with every picture, for as long as that one stands still.
  const meanwhile = await stays.probe('count', 4000)
  t.diagnostic(`${rate(before)} pictures a second before, ${rate(meanwhile)} meanwhile`)
  await isUpToDate(stays, 'the present beside one that stands still')

  const wokenMs = performance.now()
  sleeper.resume()
  await sleeps.untilLive()
  const late = await isUpToDate(sleeps, 'the present for one that has woken')
  t.diagnostic(`up to date ${Math.round(performance.now() - wokenMs)} ms after it woke: ${Math.round(late)} ms behind`)
  t.diagnostic(`${rate(await sleeps.probe('count', 2000))} pictures a second`)
})

const rate = ({ decodedFps }: { decodedFps: number }) => decodedFps.toFixed(1)

/** Resolves when pictures are shown that are less than a second old, with their age in milliseconds. */
function isUpToDate(viewer: ViewerPage, what: string): Promise<number> {
  return eventually(
    () => medianAgeMs(viewer),
    (ms) => ms < 1000,
    { what, withinMs: 60_000 },
  )
}

/** How old the clock on the picture is when it is shown. */
async function medianAgeMs(viewer: ViewerPage): Promise<number> {
  const sightings = await viewer.probe('readTimes', 15)
  const ages = sightings.map(({ time, shownAtMs }) => barcodeAgeMs(time, shownAtMs)).toSorted((a, b) => a - b)
  return ages[Math.floor(ages.length / 2)] ?? Number.NaN
}
