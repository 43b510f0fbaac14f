import assert from 'node:assert/strict'
import { join } from 'node:path'
import * as v from 'valibot'
import { barcodeAgeMs } from '../../../src/media/test-pattern/time-barcode.ts'
import { session, sessionTimeline } from '../../../src/wire/api/resources.ts'
import { runCommandLine } from '../../support/command-line.ts'
import { eventually } from '../../support/eventually.ts'
import type { TimeSighting } from '../../support/page-probe.ts'
import { portsOf } from '../../support/ports-of.ts'
import { scene } from './scene.ts'
import type { ViewerPage } from '../../support/viewer-page.ts'

const { house } = scene
const pattern = scene.lobby('test-pattern', 'Test pattern')

pattern.test('a second browser with a share link sees the same picture at the same time, encoded once', async (t) => {
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

pattern.test(
  'the owner sends a friend to another lobby, from the page and from the command line, and the picture goes on',
  async (t) => {
    const first = pattern.view
    const second = await house.openLobby('test-pattern', 'Second')
    const friend = await scene.sit({ link: (await house.invite(first.id, 'player')).link })
    await friend.untilLive()
    const sessions = async () => v.parse(v.array(session), (await house.api('GET', 'sessions')).json())
    const [before] = await sessions()
    assert.ok(before)
    assert.deepEqual([before.lobbyId, before.device?.name], [first.id, 'Chrome on Linux'])
    await eventually(sessions, ([now]) => now?.path?.wire === 'webrtc', {
      what: 'pictures by WebRTC',
      withinMs: 30_000,
    })
    const noted = async () => {
      const { stays } = v.parse(sessionTimeline, (await house.api('GET', `records/${before.id}`)).json())
      return stays.flatMap(({ entries }) => entries.map(({ kind }) => kind))
    }
    const handshakes = howMany(await noted(), 'handshake')
    const track = () => friend.page.locator('video').evaluate(trackOf)
    const shown = await track()
    const addresses = friend.addresses.filter((address) => address.startsWith('ws')).length

    const owner = await scene.sit()
    await owner.page.getByRole('link', { name: 'Sessions' }).click()
    await owner.page.getByRole('button', { name: `Send ${before.name} elsewhere` }).click()
    const dialog = owner.page.getByRole('dialog')
    await dialog.getByText('Second', { exact: true }).click()
    await dialog.getByLabel('Why').fill('The film begins')
    await dialog.getByRole('button', { name: 'Send', exact: true }).click()
    await dialog.getByRole('button', { name: 'Let them in and send' }).click()
    await friend.page.getByText('Owner has sent you to Second: The film begins').waitFor()
    await dialog.waitFor({ state: 'detached' })
    await owner.page.getByText('in Second').waitFor()
    const { decodedFps, dropped } = await friend.probe('count', 2000)
    t.diagnostic(`decoded ${decodedFps.toFixed(1)} pictures a second after it, ${dropped} dropped`)
    assert.ok(decodedFps > 10, `${decodedFps} pictures a second`)
    assert.ok(friend.page.url().includes(second.id), 'the address follows')

    const sent = await porchlight('session', 'send', before.id, 'Test pattern', '--reason', 'It is over')
    assert.equal(sent, `Sent ${before.name} to Test pattern.\n`)
    await friend.page.getByText('Owner has sent you to Test pattern: It is over').waitFor()
    assert.ok((await friend.probe('count', 2000)).decodedFps > 10)

    const [after] = await sessions()
    assert.deepEqual([after?.id, after?.lobbyId, after?.path?.wire], [before.id, first.id, 'webrtc'])
    assert.deepEqual(await track(), shown, 'the same track, to the same decoder')
    assert.equal(
      friend.addresses.filter((address) => address.startsWith('ws')).length,
      addresses,
      'on the same connections',
    )
    const now = await noted()
    assert.equal(howMany(now, 'handshake'), handshakes, 'nothing was negotiated anew')
    assert.deepEqual([howMany(now, 'sent'), howMany(now, 'freeze')], [2, 0], 'and nothing stood still')
    assert.deepEqual(friend.complaints, [])
  },
)

function howMany(kinds: readonly string[], wanted: string): number {
  return kinds.filter((kind) => kind === wanted).length
}

/** Which track a video shows. There in the page, not here. */
function trackOf(video: unknown): string | undefined {
  const { srcObject } = video as { srcObject?: { getVideoTracks(): { id: string }[] } }
  return srcObject?.getVideoTracks()[0]?.id
}

/** What a command on this machine prints. */
async function porchlight(...args: readonly string[]): Promise<string> {
  const { code, output, errors } = await runCommandLine([...args, '--data', join(house.directory, 'data')])
  assert.equal(code, 0, errors)
  return output
}

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

pattern.test(
  'two browsers in one lobby each see the size that they choose, and the host says what it cannot encode',
  async () => {
    const sizeOf = async ({ page }: ViewerPage) => {
      const video = page.locator('video')
      return await video.evaluate((element) => {
        const { videoWidth, videoHeight } = element as HTMLVideoElement
        return `${videoWidth}x${videoHeight}`
      })
    }
    const choose = async (viewer: ViewerPage, size: string, rate: string) => {
      const { page } = viewer
      await viewer.useTool('Settings')
      await page.getByText('I choose', { exact: true }).click()
      await page.getByLabel('Pictures a second').selectOption(rate)
      await page.getByLabel('Size of my picture').selectOption(size)
    }
    const [phone, desk] = [await scene.sit(), await scene.sit()]
    await phone.stepInto('Test pattern')
    await desk.stepInto('Test pattern')
    await choose(phone, '640x360', '15')
    await choose(desk, '800x450', '30')
    for (const [viewer, size] of [
      [phone, '640x360'],
      [desk, '800x450'],
    ] as const) {
      await eventually(
        () => sizeOf(viewer),
        (seen) => seen === size,
        { what: size, withinMs: 20_000 },
      )
      await viewer.page.getByText('as you chose').waitFor()
    }
    const { sessions } = await whatSessionsSee()
    assert.deepEqual(sessions, ['640x360 at 15', '800x450 at 30'])
    assert.equal(await sizeOf(phone), '640x360', 'what one chooses changes nothing for the other')

    // Twice what two cores have room for.
    await desk.page.getByLabel('Pictures a second').selectOption('60')
    await desk.page.getByLabel('Size of my picture').selectOption('1920x1080')
    await desk.page.getByText('has no room to encode 1920x1080 at 60').waitFor()
    assert.equal(await sizeOf(phone), '640x360')
  },
)

/** What the API says that sessions see, of those who chose. */
async function whatSessionsSee(): Promise<{ sessions: readonly string[] }> {
  const answer = (await (await house.api('GET', 'sessions')).json()) as { picture: SeenPicture | null }[]
  const chosen = answer.flatMap(({ picture }) => (picture?.asked ? [picture] : []))
  return { sessions: chosen.map(({ width, height, fps }) => `${width}x${height} at ${fps}`).toSorted() }
}

interface SeenPicture {
  readonly width: number
  readonly height: number
  readonly fps: number
  readonly asked: object | null
}
