import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PipeMessage } from '../../kernel/pipe.ts'
import { encodeClientMedia } from '../../wire/web-media/client-media-message.ts'
import { decodeHostMedia, type WebPicture } from '../../wire/web-media/host-media-message.ts'
import { PictureAssembly } from '../../wire/web-media/picture-assembly.ts'
import type { MediaEvents } from '../channel/received-media.ts'
import { MediaPipe } from './media-pipe.ts'

/** A pipe on a channel of which everything that is said to it is kept. */
function openScene() {
  const said: (readonly [string, ...unknown[]])[] = []
  let events: MediaEvents | undefined
  const pipe = new MediaPipe(
    {
      receive: (given) => (events = given),
      wantKey: () => void said.push(['want-key']),
      key: (message) => void said.push(['keys', ...message]),
      point: (message) => void said.push(['pointer', ...message]),
      speak: (timestamp, packet) => void said.push(['voice', timestamp, ...packet]),
    },
    [],
  )
  assert.ok(events)
  return { pipe, events, said }
}

function picture(key: boolean, bytes: number, captureUs = 1): WebPicture {
  const data = Uint8Array.from({ length: bytes }, (_, at) => at * 7)
  return { codec: 'h264', key, captureUs, width: 64, height: 48, data }
}

/** What a page makes of it. */
function heardBy(pipe: MediaPipe) {
  const assembly = new PictureAssembly()
  const heard: (WebPicture | string)[] = []
  pipe.listen({
    message(message: PipeMessage) {
      const media = decodeHostMedia(message as Uint8Array)
      if (media.type !== 'picture' && media.type !== 'part') return heard.push(media.type)
      const whole = assembly.add(media)
      return whole && heard.push(whole)
    },
    fault: () => assert.fail('what was sent is no message'),
  })
  return heard
}

test('MediaPipe says what comes as it was encoded, byte for byte', () => {
  const { pipe, events } = openScene()
  const heard = heardBy(pipe)
  const pictures = [picture(true, 50_000), picture(false, 1), picture(false, 2049)]
  for (const each of pictures) events.picture(each)
  events.sound({ captureUs: 5, positionSamples: 480, data: Uint8Array.of(1, 2) })
  events.pointers(Uint8Array.of(3))
  assert.deepEqual(
    heard.map((each) => (typeof each === 'string' ? each : { ...each, data: [...each.data] })),
    [...pictures.map((each) => ({ ...each, data: [...each.data] })), 'sound', 'pointers'],
  )
})

test('MediaPipe keeps from the last key picture on what comes before anybody listens, within bounds', async () => {
  const { pipe, events } = openScene()
  events.sound({ captureUs: 1, positionSamples: 0, data: Uint8Array.of(1) })
  events.picture(picture(true, 100, 1))
  events.picture(picture(false, 100, 2))
  events.picture(picture(true, 100, 3))
  events.sound({ captureUs: 4, positionSamples: 480, data: Uint8Array.of(1) })
  events.picture(picture(false, 100, 5))
  const heard = heardBy(pipe)
  assert.deepEqual(
    heard.map((each) => (typeof each === 'string' ? each : each.captureUs)),
    [3, 'sound', 5],
  )
  const forgotten = openScene()
  for (let count = 0; count < 100; count++) forgotten.events.picture(picture(count === 0, 100_000))
  assert.equal(forgotten.pipe.open, false)
  await forgotten.pipe.closed
})

test('MediaPipe hands on what a page says, and ends for what no page says', async () => {
  const { pipe, said } = openScene()
  pipe.send(encodeClientMedia({ type: 'receipt', arrivalsUs: [1, 2] }))
  pipe.send(encodeClientMedia({ type: 'keys', data: Uint8Array.of(1, 2) }))
  pipe.send(encodeClientMedia({ type: 'pointer', data: Uint8Array.of(3) }))
  pipe.send(encodeClientMedia({ type: 'voice', timestamp: 960, data: Uint8Array.of(4) }))
  pipe.send(encodeClientMedia({ type: 'want-key' }))
  assert.deepEqual(said, [['keys', 1, 2], ['pointer', 3], ['voice', 960, 4], ['want-key']])
  pipe.send(Uint8Array.of(99))
  assert.deepEqual(await pipe.closed, { code: 4400 })
  pipe.send(encodeClientMedia({ type: 'want-key' }))
  assert.equal(said.length, 4)
  const other = openScene().pipe
  other.send('text')
  assert.deepEqual(await other.closed, { code: 4400 })
})
