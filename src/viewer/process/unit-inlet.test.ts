import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { eventually } from '../../../test/support/eventually.ts'
import { encodeControl, frameOf } from '../../os/child/frame.ts'
import type { AccessUnit } from '../../media/contract/access-unit.ts'
import { inletProof, UnitInlets, type UnitInlet } from '../../media/contract/unit-inlets.ts'
import type { VideoFrame } from '../../media/link/protocol.ts'
import { encodeFlowingVideo } from '../../media/link/unit-link.ts'
import { RenditionDelivery } from '../../media/process/rendition-delivery.ts'
import { UnitOutlets } from '../../media/process/unit-outlets.ts'
import { openUnitInlet } from './unit-inlet.ts'

const picture = (captureUs: number, key = false, bytes = 1): AccessUnit => ({
  codec: 'h264',
  key,
  captureUs,
  encodedUs: captureUs,
  width: 16,
  height: 16,
  data: new Uint8Array(bytes).fill(captureUs),
})

async function openPlace(t: TestContext): Promise<UnitInlet> {
  const directory = await mkdtemp(join(tmpdir(), 'inlet-'))
  t.after(() => rm(directory, { recursive: true, force: true }))
  return new UnitInlets(directory).next()
}

async function openInlet(t: TestContext) {
  const place = await openPlace(t)
  const heard: string[] = []
  const inlet = await openUnitInlet({
    ...place,
    events: {
      video: (media, { source, rendition, number, unit }) =>
        heard.push(`${media}/${source}/${rendition} ${unit.key ? 'K' : 'p'}${number} ${unit.data.join()}`),
      over: (media, { source, rendition }) => heard.push(`${media}/${source}/${rendition} over`),
      lost: (media) => heard.push(`${media} lost`),
      fault: (error) => heard.push(error instanceof Error && 'code' in error ? String(error.code) : 'fault'),
    },
  })
  t.after(() => inlet.close())
  const heardAll = (count: number) =>
    eventually(
      async () => heard,
      ({ length }) => length >= count,
      { what: `${count}` },
    )
  return { place, heard, heardAll, inlet }
}

/** The sending end in a media process. */
function openSender(t: TestContext, { link, path, key }: UnitInlet, media: number, proof = inletProof(key, media)) {
  const lost: string[] = []
  const outlets = new UnitOutlets((which) => lost.push(`${which}`))
  t.after(() => outlets.close())
  outlets.connect({ type: 'link', link, path, media, proof })
  const told: VideoFrame[] = []
  const delivery = new RenditionDelivery({ source: 4, rendition: 5, outlets, video: (frame) => told.push(frame) > 0 })
  return { outlets, delivery, told, lost }
}

test('openUnitInlet takes pictures in order from who has the proof, and hears of their end', async (t) => {
  const { place, heard, heardAll } = await openInlet(t)
  const { delivery, outlets, told } = openSender(t, place, 3)
  delivery.video(picture(1, true), 0)
  delivery.deliver(false, [place.link])
  assert.ok(delivery.video(picture(2), 0))
  delivery.video(picture(3, true), 0)
  delivery.video(picture(4), 0)
  delivery.close()
  await heardAll(4)
  outlets.close()
  await heardAll(5)
  assert.deepEqual(heard, ['3 lost', '3/4/5 K2 3', '3/4/5 p3 4', '3/4/5 over', '3 lost'])
  const flows = told.map(({ unit: { data, flow } }) => [data.length, flow?.number, flow?.bytes, flow?.links])
  assert.deepEqual(flows, [
    [1, undefined, undefined, undefined],
    [0, 1, 1, []],
    [0, 2, 1, [place.link]],
    [0, 3, 1, [place.link]],
  ])
  assert.equal((await stat(place.path)).mode & 0o777, 0o600)
})

test('openUnitInlet ends who has no proof, speaks first of something else, or says what nobody says', async (t) => {
  const { place, heard, heardAll } = await openInlet(t)
  const greeting = encodeControl({ media: 1, proof: inletProof(place.key, 1) })
  const unit = encodeFlowingVideo({ source: 1, rendition: 1, number: 0, unit: picture(1, true) })
  const offers = [
    encodeControl({ media: 1, proof: inletProof(place.key, 2) }),
    encodeControl({ media: 1 }),
    unit,
    Buffer.concat([greeting, greeting]),
    Buffer.concat([greeting, frameOf(9, 0)]),
    Buffer.concat([greeting, frameOf(2, 3)]),
    Buffer.of(0xff, 0xff, 0xff, 0xff, 2),
  ]
  for (const [index, offer] of offers.entries()) {
    const socket = connect(place.path)
    socket.on('error', () => {})
    socket.write(offer)
    socket.resume()
    await once(socket, 'close')
    await heardAll(index + 1)
  }
  const refusals = heard.filter((each) => !each.endsWith('lost'))
  const violated = 'protocol-violation'
  assert.deepEqual(refusals, [violated, violated, 'out-of-order', 'unexpected-message', violated, violated, violated])
  const { delivery } = openSender(t, place, 8)
  delivery.deliver(false, [place.link])
  delivery.video(picture(1, true), 0)
  await eventually(
    async () => heard,
    (all) => all.includes('8/4/5 K0 1'),
    { what: 'a good one after all these' },
  )
})

test('a media process that comes again takes its own place', async (t) => {
  const { place, heard, heardAll } = await openInlet(t)
  const former = openSender(t, place, 3)
  await heardAll(1)
  const next = openSender(t, place, 3)
  await eventually(
    async () => former.lost,
    ({ length }) => length === 1,
    { what: 'the end of the former' },
  )
  next.delivery.deliver(false, [place.link])
  next.delivery.video(picture(1, true), 0)
  await heardAll(3)
  assert.deepEqual(heard, ['3 lost', '3 lost', '3/4/5 K0 1'])
})

test('a reader that hangs gets no more than a bounded number of bytes, and goes on with a key picture', async (t) => {
  const place = await openPlace(t)
  const server = createServer({ pauseOnConnect: true })
  t.after(() => server.close())
  server.listen(place.path)
  await once(server, 'listening')
  const connected = once(server, 'connection')
  const { delivery, outlets, told, lost } = openSender(t, place, 1)
  const [socket] = await connected
  delivery.deliver(false, [place.link])
  const bytes = 64 * 1024
  for (let number = 0; number < 64; number++) assert.ok(delivery.video(picture(number, number === 0, bytes), 0))
  const reached = () => told.filter(({ unit }) => unit.flow?.links.length === 1).length
  const before = reached()
  assert.ok(before >= 16 && before < 32, `${before} pictures of 64 KiB wait`)
  socket.resume()
  await eventually(
    async () => outlets.get(place.link)?.congested,
    (is) => is === false,
    { what: 'all is read' },
  )
  assert.equal(delivery.video(picture(64), 0), false, 'a key picture is asked for')
  assert.equal(reached(), before)
  assert.ok(delivery.video(picture(65, true), 0))
  assert.ok(delivery.video(picture(66), 0))
  assert.equal(reached(), before + 2)
  socket.destroy()
  await eventually(
    async () => lost,
    ({ length }) => length === 1,
    { what: 'the loss is told' },
  )
})
