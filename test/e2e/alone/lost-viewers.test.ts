import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { barcodeAgeMs } from '../../../src/media/test-pattern/time-barcode.ts'
import { openChromium } from '../../support/chromium.ts'
import { eventually } from '../../support/eventually.ts'
import { heldInDisplay } from '../../support/held-in-display.ts'
import { scene } from './scene.ts'
import type { ViewerPage } from '../../support/viewer-page.ts'

const { house } = scene
const terminal = scene.lobby('terminal', 'Terminal')
const pattern = scene.lobby('test-pattern', 'Pattern')

/** So much of its frame rate a viewer may lose at most when another one is lost. */
const leastShare = 0.9

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
  await keepsItsRate(t, stays, async () => sleeper.pause())
  const age = await medianAgeMs(stays)
  assert.ok(age < 500, `the other one sees the present: ${age} ms`)

  const wokenMs = performance.now()
  sleeper.resume()
  await sleeps.untilLive()
  const late = await eventually(
    () => medianAgeMs(sleeps),
    (ms) => ms < 500,
    { what: 'the present', withinMs: 30_000 },
  )
  t.diagnostic(`up to date ${Math.round(performance.now() - wokenMs)} ms after it woke: ${Math.round(late)} ms behind`)
  await eventually(
    () => sleeps.probe('count', 2000),
    ({ decodedFps }) => decodedFps > 40,
    {
      what: 'a moving picture',
      withinMs: 30_000,
    },
  )
})

/** Compares the frame rate while something happens with the one before, again when the machine was busy meanwhile. */
async function keepsItsRate(t: TestContext, viewer: ViewerPage, happen: () => Promise<void>): Promise<void> {
  const before = await viewer.probe('count', 2000)
  const [during] = await Promise.all([viewer.probe('count', 4000), happen()])
  t.diagnostic(`${before.decodedFps.toFixed(1)} pictures a second before, ${during.decodedFps.toFixed(1)} meanwhile`)
  const least = leastShare * before.decodedFps
  if (during.decodedFps >= least) return
  await eventually(
    () => viewer.probe('count', 4000),
    ({ decodedFps }) => decodedFps >= least,
    {
      what: `${least.toFixed(1)} pictures a second`,
      withinMs: 12_000,
    },
  )
}

/** How old the clock on the picture is when it is shown. */
async function medianAgeMs(viewer: ViewerPage): Promise<number> {
  const sightings = await viewer.probe('readTimes', 15)
  const ages = sightings.map(({ time, shownAtMs }) => barcodeAgeMs(time, shownAtMs)).toSorted((a, b) => a - b)
  return ages[Math.floor(ages.length / 2)] ?? Number.NaN
}
