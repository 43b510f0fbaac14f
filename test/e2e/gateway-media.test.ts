import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { eventually } from '../support/eventually.ts'
import { openGatewayRig, owner } from '../support/gateway-rig.ts'
import { openRtcPage } from '../support/rtc-page.ts'
import { openUdpPath } from '../support/udp-path.ts'
import { silentLog } from '../../src/kernel/log.ts'
import { until } from '../../src/kernel/readable.ts'
import { openMediaProcess } from '../../src/media/media-process.ts'
import { encodeKeysMessage } from '../../src/wire/input/keys-message.ts'

/** A gateway over real media, 720p60 with a tone, and a page in Chromium. */
async function openBoth(t: TestContext) {
  const media = await openMediaProcess({ name: 'chromium-test', log: silentLog })
  t.after(() => media.close())
  const card = { kind: 'test-pattern', width: 1280, height: 720, fps: 60, tone: 'stereo' } as const
  const rig = await openGatewayRig(t, {
    parts: {
      openWaitingRoom: (id, text) => media.addProducer(id, { ...card, ...text }),
      // What is played in has a display in memory, which cannot be captured.
      openProducer: async (id) => media.addProducer(id, { ...card, title: 'Lobby', lines: [] }),
    },
  })
  return { rig, page: await openRtcPage(t) }
}

test('Chromium decodes every picture of a 720p60 waiting room, and hears its tone', async (t) => {
  const { rig, page } = await openBoth(t)
  await page.watch(rig.url(owner))
  const first = await page.sampleUntil(({ video, audio }) => video.framesDecoded > 60 && audio.totalAudioEnergy > 0)
  // On a machine with other work to do a second may be slow; one that keeps up soon has a good one.
  const later = await eventually(
    async () => {
      const before = await page.sampleUntil(() => true)
      const beganMs = performance.now()
      const after = await page.sampleUntil(({ video }) => video.framesDecoded > before.video.framesDecoded + 120)
      const pictures = after.video.framesDecoded - before.video.framesDecoded
      return { ...after, fps: (1000 * pictures) / (performance.now() - beganMs) }
    },
    ({ fps }) => fps >= 55,
    { what: 'at least 55 of 60 pictures a second', withinMs: 60_000 },
  )
  assert.equal(later.video.mimeType, 'video/H264')
  assert.equal(later.video.frameWidth, 1280)
  assert.equal(first.video.keyFramesDecoded, 1)
  assert.equal(first.video.packetsLost, 0)
  assert.ok(later.audio.totalAudioEnergy > first.audio.totalAudioEnergy, 'the tone goes on')
  assert.equal(rig.observed('handshake')[0]?.ok, true)
})

test('Chromium shows a lobby instead of the waiting room without a new negotiation', async (t) => {
  const { rig, page } = await openBoth(t)
  await page.watch(rig.url(owner))
  const switched = async (message: object) => {
    const before = await page.sample()
    await page.say(message)
    const { video } = await page.sampleUntil((now) => now.video.keyFramesDecoded > before.video.keyFramesDecoded)
    const after = await page.sampleUntil((now) => now.video.framesDecoded > video.framesDecoded + 30)
    return after.video.freezeCount - before.video.freezeCount
  }
  await page.sampleUntil(({ video }) => video.framesDecoded > 30)
  // Later than the page: one that names no lobby is led into the first that there is.
  const lobby = await rig.host.createLobby({ appId: 'test-pattern' })
  // On a machine with other work to do a picture may be late by itself; a switch as such freezes nothing.
  await eventually(
    async () => {
      const freezes = await switched({ type: 'join', lobbyId: lobby.id })
      return freezes + (await switched({ type: 'leave' }))
    },
    (freezes) => freezes === 0,
    { what: 'a way into the lobby and back without a freeze', withinMs: 60_000 },
  )
})

test('Chromium decodes VP8 when it has nothing else', async (t) => {
  const { rig, page } = await openBoth(t)
  await page.watch(rig.url(owner), { codec: 'VP8' })
  const { video } = await page.sampleUntil((sample) => sample.video.framesDecoded > 60)
  assert.equal(video.mimeType, 'video/VP8')
})

test('Chromium gets a fluent picture through a path that carries less than the best one', async (t) => {
  const { rig, page } = await openBoth(t)
  const path = await openUdpPath({ down: { rateBps: 1_500_000, delayUs: 20_000 }, up: { delayUs: 20_000 } })
  t.after(() => path.close())
  path.targetPort = rig.udpPort
  await page.watch(rig.url(owner), { throughPort: path.port })
  const first = await page.sampleUntil(({ video }) => video.framesDecoded > 120)
  const beganMs = performance.now()
  const later = await page.sampleUntil(({ video }) => video.framesDecoded > first.video.framesDecoded + 120)
  // Below 1.5 Mbit/s the encoder makes fewer and better pictures.
  const fps = (1000 * (later.video.framesDecoded - first.video.framesDecoded)) / (performance.now() - beganMs)
  assert.ok(fps >= 25, `${fps} pictures a second`)
  const lostRatio = later.video.packetsLost / (rig.gateway.counters.packetsSent + 1)
  assert.ok(lostRatio < 0.02, `${lostRatio} of the packets lost`)
  assert.ok((rig.gateway.targetBitratesBps[0] ?? Infinity) < 2_000_000)
})

test('Chromium plays in the lobby; when it vanishes, everything is released and the session ends', async (t) => {
  const { rig, page } = await openBoth(t)
  const lobby = await rig.host.createLobby({ appId: 'memory' })
  await page.watch(rig.url(owner))
  await page.say({ type: 'join', lobbyId: lobby.id })
  const display = await rig.displayOf(lobby.id)
  const [session] = rig.host.sessions.values()
  if (session) await until(session.place, ({ kind }) => kind === 'lobby')
  await page.input('keys', encodeKeysMessage({ type: 'key', code: 'KeyA', key: 'a', down: true }))
  while (!display.received.some(({ type }) => type === 'key')) await page.sample()
  const ended = Promise.withResolvers<void>()
  rig.host.events.on('StopStream', () => ended.resolve())
  await page.kill()
  await ended.promise
  assert.equal(display.received.at(-1)?.type, 'release-all')
  assert.equal(rig.gateway.viewers, 0)
})
