import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventually } from '../../../../test/support/eventually.ts'
import { openGatewayRig, owner, viewer, type GatewayRig } from '../../../../test/support/gateway-rig.ts'
import type { RtcReceiver } from '../../../../test/support/rtc-receiver.ts'
import { WebMediaReceiver } from '../../../../test/support/web-media-receiver.ts'
import type { Member } from '../../../domain/member.ts'
import { encodeClientMedia } from '../../../wire/web-media/client-media-message.ts'
import { encodeKeysMessage } from '../../../wire/input/keys-message.ts'
import { webMediaCloseCode } from '../../../wire/web-media/subprotocol.ts'

const codecs = ['h264', 'vp8'] as const
const key = (down: boolean) => encodeKeysMessage({ type: 'key', code: 'KeyW', key: 'w', down })

/** A member who has signalling and a media socket, and perhaps a peer connection. */
async function watch(
  rig: GatewayRig,
  member: Member = owner,
  hasPeer = false,
): Promise<{ signal: RtcReceiver; media: WebMediaReceiver }> {
  const signal = hasPeer ? await rig.watching(member) : rig.receiver(member)
  await signal.message('ready')
  signal.send({ type: 'web-media', codecs: [...codecs], audio: true })
  const { ticket } = await signal.message('web-media-ticket')
  const media = new WebMediaReceiver(rig.mediaUrl, ticket)
  await media.opened()
  return { signal, media }
}

test('a media socket carries pictures from a key picture on, and sound, and is told as the path', async (t) => {
  const rig = await openGatewayRig(t, { script: { fps: 30, sound: true } })
  const { signal, media } = await watch(rig)
  using _ = media
  await media.until(({ pictures, sounds }) => pictures.length > 10 && sounds.length > 10, 'pictures and sound')
  assert.equal(media.pictures[0]?.key, true)
  assert.ok(media.pictures.slice(1, 10).every((picture) => !picture.key))
  const times = media.pictures.map(({ captureUs }) => captureUs)
  assert.deepEqual(
    times,
    times.toSorted((a, b) => a - b),
  )
  assert.equal(rig.gateway.viewers, 1)
  const [path] = rig.observed('path')
  const why = { reason: 'first', gateway: 'browser' }
  assert.deepEqual(path, { kind: 'path', path: 'web-port', local: 'tcp here', remote: 'tcp there', ...why })
  assert.equal((await signal.message('stats')).rendition?.encoder, 'scripted')
})

test('the path is that of the peer connection again as soon as the media socket is let go', async (t) => {
  const rig = await openGatewayRig(t, { script: { fps: 30 } })
  const signal = await rig.watching(owner)
  await signal.until(() => rig.observed('path').length > 0, 'the path of the peer connection')
  signal.send({ type: 'web-media', codecs: [...codecs], audio: true })
  const { ticket } = await signal.message('web-media-ticket')
  const paths = () => rig.observed('path').map(({ path }) => path)
  {
    using media = new WebMediaReceiver(rig.mediaUrl, ticket)
    await media.until(() => paths().length > 1, 'a media socket that is heard')
  }
  await signal.until(() => paths().length > 2, 'the path that is left')
  assert.deepEqual(paths(), ['direct', 'web-port', 'direct'])
})

test('two viewers of one rendition are sent the same bytes', async (t) => {
  const rig = await openGatewayRig(t, { script: { fps: 20, sharedBps: 500_000 } })
  const [one, two] = [await watch(rig), await watch(rig, viewer)]
  using _one = one.media
  using _two = two.media
  await two.media.until(({ pictures }) => pictures.length > 5, 'pictures')
  const seen = new Map(one.media.pictures.map((picture) => [picture.captureUs, picture]))
  const shared = two.media.pictures.filter(({ captureUs }) => seen.has(captureUs))
  assert.ok(shared.length > 2)
  for (const picture of shared) assert.deepEqual(picture, seen.get(picture.captureUs))
})

test('a ticket opens one socket, and is no good after another one was asked for', async (t) => {
  const rig = await openGatewayRig(t)
  const signal = rig.receiver()
  await signal.message('ready')
  const ask = async (count: number) => {
    signal.send({ type: 'web-media', codecs: ['h264'], audio: false })
    const tickets = () => signal.messages.filter((message) => message.type === 'web-media-ticket')
    await signal.until(() => tickets().length === count, 'a ticket')
    return tickets().at(-1)?.ticket ?? ''
  }
  const [stale, fresh] = [await ask(1), await ask(2)]
  assert.equal(rig.gateway.redeemMedia(stale), undefined)
  using media = new WebMediaReceiver(rig.mediaUrl, fresh)
  await media.until(({ pictures }) => pictures.length > 0, 'a picture')
  assert.equal(rig.gateway.redeemMedia(fresh), undefined)
})

test('input comes over the media socket, and is released when that is lost, but not when it moved to a path that stands', async (t) => {
  const rig = await openGatewayRig(t)
  const lobby = await rig.host.createLobby({ appId: 'memory' })
  const display = await rig.displayOf(lobby.id)
  const ends: [code: number | undefined, hasPeer: boolean, releases: number][] = [
    [webMediaCloseCode.moved, true, 0],
    [webMediaCloseCode.moved, false, 1],
    [undefined, true, 1],
    [undefined, false, 1],
  ]
  for (const [code, hasPeer, releases] of ends) {
    const { signal, media } = await watch(rig, owner, hasPeer)
    signal.send({ type: 'join', lobbyId: lobby.id })
    await signal.until(
      ({ messages }) => messages.some((m) => m.type === 'place' && m.place.kind === 'lobby'),
      'the lobby',
    )
    display.received.length = 0
    media.send({ type: 'keys', data: key(true) })
    await eventually(
      () => display.received.length,
      (count) => count === 1,
      { what: 'the key' },
    )
    const viewers = rig.gateway.viewers
    media.close(code)
    await eventually(
      () => rig.gateway.viewers,
      (count) => count === viewers - 1,
      { what: 'the end of the viewer' },
    )
    const released = () => display.received.filter(({ type }) => type === 'release-all').length
    assert.equal(released(), releases, `${code} ${hasPeer}`)
    assert.equal(signal.closeCode, undefined, 'the session goes on')
    await signal.close()
    await eventually(
      () => rig.gateway.connections,
      (count) => count === 0,
      { what: 'the end of the session' },
    )
    assert.ok(released() > 0, 'and with the last path everything goes up')
  }
})

test('what breaks the protocol of the media socket ends the conversation, as on signalling', async (t) => {
  const rig = await openGatewayRig(t)
  const cases: [code: string, act: (media: WebMediaReceiver) => void][] = [
    ['malformed', (media) => media.sendRaw('text')],
    ['unknown-type', (media) => media.sendRaw(Uint8Array.of(99))],
    ['malformed', (media) => media.send({ type: 'receipt', arrivalsUs: Array.from({ length: 500 }, () => 0) })],
    ['malformed', (media) => media.send({ type: 'pointer', data: Uint8Array.of(9) })],
    ['flood', (media) => void Array.from({ length: 100 }, () => media.send({ type: 'want-key' }))],
  ]
  for (const [code, act] of cases) {
    const { signal, media } = await watch(rig)
    using _ = media
    act(media)
    await signal.until(({ closeCode }) => closeCode !== undefined, 'the end')
    assert.equal(signal.closeCode, code === 'flood' ? 4429 : 4400)
    await media.until(({ closeCode }) => closeCode !== undefined, 'the end of the media socket')
  }
  assert.equal(rig.gateway.counters.faults, cases.length)
  assert.equal(rig.gateway.viewers, 0)
})

test('a client that stops reading is not sent more and more, and goes on at a key picture', async (t) => {
  const rig = await openGatewayRig(t, { script: { fps: 60 } })
  const { media } = await watch(rig)
  using _ = media
  await media.until(({ pictures }) => pictures.length > 30, 'pictures')
  media.stuck = true
  await eventually(
    () => rig.gateway.counters.resyncs,
    (count) => count > 3,
    { what: 'a viewer that fell behind' },
  )
  const sentBefore = rig.gateway.counters.webBytesSent
  await eventually(
    () => rig.gateway.counters.resyncs,
    (count) => count > 8,
    { what: 'time to pass' },
  )
  assert.equal(
    rig.gateway.counters.webBytesSent,
    sentBefore,
    'what cannot go out waits at the host, and is dropped there',
  )
  const before = media.pictures.length
  media.stuck = false
  await media.until(({ pictures }) => pictures.slice(before).some((picture) => picture.key), 'a key picture')
  const gap = media.pictures.findIndex(
    ({ captureUs }, index) => index > 0 && captureUs - (media.pictures[index - 1]?.captureUs ?? 0) > 200_000,
  )
  assert.equal(media.pictures[gap]?.key, true, 'behind what was dropped comes a key picture')
})

test('whoever sends messages without measure loses both sockets, and others go on', async (t) => {
  const rig = await openGatewayRig(t, { script: { fps: 20 } })
  const [flood, other] = [await watch(rig), await watch(rig, viewer)]
  using _flood = flood.media
  using _other = other.media
  const message = encodeClientMedia({ type: 'want-key' })
  for (let count = 0; count < 10_000; count++) flood.media.sendRaw(message)
  assert.equal((await flood.signal.message('error')).code, 'flood')
  await eventually(
    () => [flood.media.closeCode, flood.signal.closeCode],
    ([media, signal]) => media !== undefined && signal !== undefined,
    { what: 'both are closed' },
  )
  const { length } = other.media.pictures
  await other.media.until(({ pictures }) => pictures.length > length + 3, 'more pictures')
})
