import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import * as v from 'valibot'
import { sessionTimeline } from '../../../src/wire/api/resources.ts'
import { eventually } from '../../support/eventually.ts'
import { RtcReceiver, type RtcReceiverOptions } from '../../support/rtc-receiver.ts'
import { openPorchlight } from '../../support/running-porchlight.ts'
import { openUdpPath } from '../../support/udp-path.ts'

const withinMs = 60_000
const house = await openPorchlight({ flags: ['--app', 'test-pattern'] })
const { id: lobbyId } = await house.firstLobby()
after(() => house[Symbol.asyncDispose]())

async function watch(more: Partial<RtcReceiverOptions> = {}): Promise<RtcReceiver> {
  const receiver = new RtcReceiver({
    url: house.signallingUrl,
    token: house.ownerToken,
    lobbyId,
    codecs: ['h264'],
    ...more,
  })
  await receiver.message('ready')
  receiver.offer()
  return receiver
}

/** Changes of encoding for what the path carries, as the record of a viewer's session tells them. */
async function changesOf({ session: { sessionId } }: RtcReceiver) {
  const { stays } = v.parse(sessionTimeline, (await house.api('GET', `records/${sessionId}`)).json())
  return stays.flatMap(({ entries }) =>
    entries.filter(({ kind, detail }) => kind === 'rendition' && detail['cause'] === 'path'),
  )
}

/** Of "1280x720 at 60", in a second. */
function pixels(shown: unknown): number {
  const [, width = '0', height = '0', fps = '0'] = /^(\d+)x(\d+) at (\d+)/.exec(String(shown)) ?? []
  return Number(width) * Number(height) * Number(fps)
}

test('a viewer on a narrow path gets a smaller encoding of its own, with its cause in record and metrics, and the other keeps its own', async () => {
  await using path = await openUdpPath({ down: { rateBps: 500_000, delayUs: 20_000 }, up: { delayUs: 20_000 } })
  await using wide = await watch()
  await wide.until(({ counts }) => counts.pictures > 60, 'pictures on the wide path', withinMs)
  await using narrow = await watch({ path })
  await narrow.until(({ counts }) => counts.pictures > 5, 'pictures on the narrow path', withinMs)
  const [change] = await eventually(
    () => changesOf(narrow),
    ({ length }) => length > 0,
    { what: 'an encoding for the narrow path', withinMs },
  )
  assert.ok(pixels(change?.detail['to']) < pixels(change?.detail['from']), JSON.stringify(change))
  const metrics = await house.metrics()
  const name = 'porchlight_adaptations_total{cause="path",of="rendition",gateway="browser"}'
  assert.ok((metrics.get(name) ?? 0) >= 1)
  assert.deepEqual(await changesOf(wide), [], 'who is on a wide path has no smaller picture for it')
  const before = wide.counts.pictures
  await wide.until(({ counts }) => counts.pictures > before + 60, 'pictures that go on', withinMs)
})
