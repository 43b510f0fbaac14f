import assert from 'node:assert/strict'
import { barcodeAgeMs } from '../../src/media/test-pattern/time-barcode.ts'
import { eventually } from '../support/eventually.ts'
import type { TimeSighting } from '../support/page-probe.ts'
import { portsOf } from '../support/ports-of.ts'
import { openScene } from '../support/scene.ts'

const scene = await openScene({ flags: ['--app', 'test-pattern'] })
const { house } = scene

scene.test('one viewer decodes the pictures at the rate of the source', async (t) => {
  const viewer = await scene.sit()
  await viewer.stepInto('Test pattern')
  // Measured again when the machine was busy with something else.
  const { decodedFps, shownFps, dropped } = await eventually(
    () => viewer.probe('count', 5000),
    (count) => count.decodedFps >= 55,
    { what: 'at least 55 of 60 pictures a second', withinMs: 60_000 },
  )
  t.diagnostic(`decoded ${decodedFps.toFixed(1)}, shown ${shownFps.toFixed(1)} pictures a second, ${dropped} dropped`)
})

scene.test('a second browser with a share link sees the same picture at the same time, encoded once', async (t) => {
  const owner = await scene.sit()
  await owner.stepInto('Test pattern')
  const friend = await scene.sit({ link: await owner.share('May play') })
  await friend.untilLive()
  await owner.page.getByTitle('Player').first().waitFor()

  // A page that is busy leaves pictures out, and not always the same ones as another.
  const same = await eventually(
    async () => compare(await Promise.all([owner.probe('readTimes', 60), friend.probe('readTimes', 60)])),
    ({ ages, common }) => Math.abs(ages[0] - ages[1]) < 50 && common >= 10,
    { what: 'the same picture at the same time', withinMs: 30_000 },
  )
  t.diagnostic(
    `from the clock on the picture to the screen: ${same.ages.map((age) => age.toFixed(0)).join(' and ')} ms`,
  )

  const { tcp, udp } = await portsOf(house.pid)
  assert.deepEqual(tcp, [house.port], 'there is one web port')
  assert.equal(udp.length, 1, 'all media goes through one port')

  // The second viewer's path is tried out first; when both carry the same, one encoding feeds them.
  await eventually(
    () => house.metric('porchlight_renditions{producer="lobby"}'),
    (renditions) => renditions === 1,
    { what: 'one encoding for two viewers', withinMs: 40_000 },
  )
  const before = await encoded()
  await owner.probe('count', 2000)
  const after = await encoded()
  const [captured, units] = [after.captured - before.captured, after.units - before.units]
  assert.ok(captured > 60, `${captured} pictures were captured`)
  assert.equal(units, captured, 'each picture was encoded once')
  assert.equal(await house.metric('porchlight_viewers'), 2)
})

async function encoded(): Promise<{ captured: number; units: number }> {
  const metrics = await house.metrics()
  const of = (name: string) => metrics.get(`porchlight_${name}_total{producer="lobby"}`) ?? Number.NaN
  return { captured: of('pictures_captured'), units: of('units_encoded') }
}

/** How old both see the clock on the picture, in milliseconds, and how many pictures both have seen. */
function compare([mine, theirs]: readonly [readonly TimeSighting[], readonly TimeSighting[]]) {
  const times = new Set(mine.map(({ time }) => time))
  const common = theirs.filter(({ time }) => times.has(time)).length
  return { ages: [medianAge(mine), medianAge(theirs)] as const, common }
}

function medianAge(sightings: readonly TimeSighting[]): number {
  const ages = sightings.map(({ time, shownAtMs }) => barcodeAgeMs(time, shownAtMs)).toSorted((a, b) => a - b)
  return ages[Math.floor(ages.length / 2)] ?? Number.NaN
}
