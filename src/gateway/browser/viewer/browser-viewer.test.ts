import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { eventually } from '../../../../test/support/eventually.ts'
import { openGatewayRig, owner, viewer } from '../../../../test/support/gateway-rig.ts'
import { openUdpPath, type UdpPath } from '../../../../test/support/udp-path.ts'
import type { LinkConditions } from '../../../net/link/simulated-link.ts'

/** A path that closes with the test. */
async function pathFor(t: TestContext, down: Partial<LinkConditions>): Promise<UdpPath> {
  const path = await openUdpPath({ down })
  t.after(() => path.close())
  return path
}

test('BrowserViewer sends VP8 to who cannot decode H.264', async (t) => {
  const rig = await openGatewayRig(t)
  const codecs = new Set<string>()
  await rig.watching(owner, { codecs: ['vp8'], onPicture: ({ codec }) => codecs.add(codec) })
  assert.deepEqual([...codecs], ['vp8'])
})

test('BrowserViewer goes on without a gap in its numbers when the session enters a lobby', async (t) => {
  const rig = await openGatewayRig(t, { script: { fps: 60, sharedBps: 1_000_000 } })
  const timestamps: number[] = []
  const receiver = await rig.watching(owner, { onPicture: ({ timestamp }) => timestamps.push(timestamp) })
  const lobby = await rig.host.createLobby({ appId: 'test-pattern' })
  receiver.send({ type: 'join', lobbyId: lobby.id })
  await receiver.until(({ counts }) => counts.keyPictures >= 2, 'the switch')
  const atSwitch = receiver.counts.pictures
  await receiver.until(({ counts }) => counts.pictures > atSwitch + 30, 'pictures of the lobby')
  assert.deepEqual([receiver.counts.missing, receiver.counts.duplicates], [0, 0])
  for (const [index, timestamp] of timestamps.entries()) {
    const before = timestamps[index - 1]
    if (before !== undefined) assert.ok(((timestamp - before) | 0) > 0)
  }
  const { timestamps: heard } = receiver.audio
  for (const [index, timestamp] of heard.entries()) {
    const before = heard[index - 1]
    if (before !== undefined) assert.ok(((timestamp - before) | 0) >= 480, `${before} ${timestamp}`)
  }
})

test('BrowserViewer reports the moment of both streams, so that they can be played together', async (t) => {
  const rig = await openGatewayRig(t)
  const receiver = await rig.watching()
  await receiver.until(({ senderReports }) => senderReports.size === 2, 'a report of each stream')
  const [video, audio] = [...receiver.senderReports.values()].toSorted((a, b) => a.ssrc - b.ssrc)
  const seconds = (report: typeof video) => (report?.ntp.seconds ?? 0) + (report?.ntp.fraction ?? 0) / 2 ** 32
  assert.ok(Math.abs(seconds(video) - seconds(audio)) < 2)
  assert.ok((video?.packetCount ?? 0) > 0 && (audio?.packetCount ?? 0) > 0)
  await receiver.until(({ messages }) => messages.some((one) => one.type === 'stats' && one.roundTripMs < 50), 'stats')
})

test('BrowserViewer sends again what is lost, and the picture goes on', async (t) => {
  const rig = await openGatewayRig(t, { script: { fps: 60, sharedBps: 1_000_000 } })
  const path = await pathFor(t, { delayUs: 10_000, lossRatio: 0.02 })
  const receiver = await rig.watching(owner, { path })
  await receiver.until(({ counts }) => counts.pictures > 150, 'two seconds of pictures')
  assert.ok(receiver.counts.recovered > 3, `${receiver.counts.recovered} recovered`)
  const { counters } = rig.gateway
  const counted = () => counters.nacks > 0 && counters.packetsResent >= receiver.counts.recovered
  await receiver.until(counted, 'what was sent again in the counts')
})

test('BrowserViewer keeps to the limit that the client sets', async (t) => {
  const rig = await openGatewayRig(t)
  const receiver = await rig.watching()
  receiver.send({ type: 'limit', bitrateBps: 500_000 })
  const isLimited = () => receiver.messages.some((one) => one.type === 'stats' && one.targetBps === 500_000)
  await receiver.until(isLimited, 'stats with the limit')
  receiver.offer()
  await receiver.until(() => (rig.gateway.targetBitratesBps[0] ?? Infinity) <= 500_000, 'the limit after a new offer')
})

test('BrowserViewer gives up a connection that carries nothing back, and the client can offer again', async (t) => {
  const rig = await openGatewayRig(t)
  let mute = true
  const receiver = await rig.watching(owner, { mute: () => mute })
  const error = await receiver.message('error')
  assert.equal(error.code, 'media-lost')
  assert.deepEqual(
    rig.observed('handshake').map(({ ok }) => ok),
    [false],
  )
  await eventually(
    () => rig.gateway.counters.failedHandshakes,
    (failed) => failed === 1,
    { what: 'the failure in the counts' },
  )
  mute = false
  const pictures = receiver.counts.pictures
  receiver.offer()
  await receiver.until(({ counts }) => counts.pictures > pictures, 'pictures again')
  await receiver.until(() => rig.observed('handshake').some(({ ok }) => ok), 'a handshake that holds')
})

test('BrowserViewer replaces the peer connection at a new offer; session and place stay', async (t) => {
  const rig = await openGatewayRig(t)
  const lobby = await rig.host.createLobby({ appId: 'test-pattern' })
  const receiver = await rig.watching(owner, { lobbyId: lobby.id })
  const { sessionId } = receiver.session
  const answers = () => receiver.messages.filter(({ type }) => type === 'signal').length
  for (let round = 2; round <= 4; round++) {
    const { pictures } = receiver.counts
    receiver.offer()
    await receiver.until(({ counts }) => answers() === round && counts.pictures > pictures + 5, 'pictures again')
  }
  assert.deepEqual([...rig.host.sessions.keys()], [sessionId])
  assert.deepEqual([...rig.host.lobbies.values()][0]?.sessions, [sessionId])
  assert.equal(rig.gateway.viewers, 1)
})

test('BrowserViewer serves who wants sound and no pictures, also across a switch of producer', async (t) => {
  const rig = await openGatewayRig(t)
  const receiver = rig.receiver(owner, { pictures: false })
  await receiver.message('ready')
  receiver.offer()
  await receiver.until(({ audio }) => audio.packets > 50, 'sound of the waiting room')
  const lobby = await rig.host.createLobby({ appId: 'test-pattern' })
  receiver.send({ type: 'join', lobbyId: lobby.id })
  await receiver.until(() => (rig.producers[0]?.viewers ?? 0) > 0, 'the lobby')
  const { packets } = receiver.audio
  await receiver.until(({ audio }) => audio.packets > packets + 100, 'sound of the lobby')
  assert.equal(receiver.counts.pictures, 0)
  assert.deepEqual(
    rig.observed('handshake').map(({ ok }) => ok),
    [true],
  )
})

test('BrowserViewer records handshake and path', async (t) => {
  const rig = await openGatewayRig(t)
  const receiver = await rig.watching()
  await receiver.until(() => rig.observed('path').length > 0, 'the path')
  const [handshake] = rig.observed('handshake')
  assert.equal(handshake?.ok, true)
  assert.ok((handshake?.tookMs ?? 0) > 0)
  const [path] = rig.observed('path')
  assert.equal(path?.path, 'direct')
  assert.match(path?.local ?? '', new RegExp(`^host 127\\.0\\.0\\.1:${rig.udpPort}$`))
})

test('BrowserViewer ends with its peer; the session stays and can have another', async (t) => {
  const rig = await openGatewayRig(t)
  const receiver = await rig.watching()
  receiver.cutMedia()
  assert.equal((await receiver.message('error')).code, 'media-lost')
  assert.equal(rig.host.sessions.size, 1)
  receiver.offer()
  const { pictures } = receiver.counts
  await receiver.until(({ counts }) => counts.pictures > pictures, 'pictures again')
})

test('BrowserViewer takes keys, buttons and motion to the lobby, and releases them with the socket', async (t) => {
  const rig = await openGatewayRig(t)
  const lobby = await rig.host.createLobby({ appId: 'memory' })
  const receiver = await rig.watching(owner, { lobbyId: lobby.id })
  await receiver.until(({ inputOpen }) => inputOpen, 'the input channels')
  const received = () => [...rig.parts.displays].flatMap((display) => display.received)
  await receiver.until(
    ({ messages }) => messages.some((one) => one.type === 'place' && one.place.kind === 'lobby'),
    'the lobby',
  )
  receiver.input({ type: 'key', code: 'KeyA', key: 'a', down: true })
  await receiver.until(() => received().some(({ type }) => type === 'key'), 'the key')
  receiver.input({ type: 'pointer', x: 0.25, y: 0.75 })
  await receiver.until(() => received().some(({ type }) => type === 'pointer'), 'the motion')
  receiver.cutSocket()
  await receiver.until(() => received().at(-1)?.type === 'release-all', 'the release')
})

test('BrowserViewer drops the input of who may only watch, says so once, and sends pictures on', async (t) => {
  const rig = await openGatewayRig(t)
  const receiver = await rig.watching(viewer)
  await receiver.until(({ inputOpen }) => inputOpen, 'the input channels')
  receiver.input({ type: 'key', code: 'KeyA', key: 'a', down: true })
  receiver.input({ type: 'key', code: 'KeyA', key: 'a', down: false })
  assert.equal((await receiver.message('error')).code, 'input-forbidden')
  const { pictures } = receiver.counts
  await receiver.until(({ counts }) => counts.pictures > pictures + 5, 'pictures')
  assert.equal(receiver.messages.filter(({ type }) => type === 'error').length, 1)
  assert.equal(rig.gateway.counters.inputDropped, 2)
})

test('BrowserViewer ends whoever sends what is no input, and nobody else', async (t) => {
  const rig = await openGatewayRig(t)
  const bystander = await rig.watching()
  const cases: [what: string, channel: 'keys' | 'pointer', data: Uint8Array | string][] = [
    ['text', 'keys', 'hello'],
    ['nonsense', 'keys', Uint8Array.of(250, 1, 2, 3)],
    ['too much', 'keys', new Uint8Array(4900)],
    ['nonsense', 'pointer', Uint8Array.of(250)],
    ['too much', 'pointer', new Uint8Array(500)],
  ]
  for (const [what, channel, data] of cases) {
    const receiver = await rig.watching()
    await receiver.until(({ inputOpen }) => inputOpen, 'the input channels')
    receiver.rawInput(channel, data)
    await receiver.until(({ closeCode }) => closeCode !== undefined, `the end of ${what} on ${channel}`)
    assert.equal(receiver.closeCode, 4400, `${what} on ${channel}`)
  }
  const { pictures } = bystander.counts
  await bystander.until(({ counts }) => counts.pictures > pictures + 5, 'pictures')
  assert.equal(bystander.closeCode, undefined)
})

test('BrowserViewer takes ten thousand motions a second, hands on what can be seen of them, and sends pictures on', async (t) => {
  const rig = await openGatewayRig(t, { script: { fps: 60, sharedBps: 1_000_000 } })
  const lobby = await rig.host.createLobby({ appId: 'memory' })
  const bystander = await rig.watching(owner, { lobbyId: lobby.id })
  const receiver = await rig.watching(owner, { lobbyId: lobby.id })
  await receiver.until(({ inputOpen }) => inputOpen, 'the input channels')
  const before = { pictures: bystander.counts.pictures, atMs: performance.now() }
  let sent = 0
  const timer = setInterval(() => {
    for (; sent < (performance.now() - before.atMs) * 10; sent++) {
      receiver.input({ type: 'pointer', x: (sent % 100) / 100, y: 0.5 })
    }
  }, 1)
  await bystander.until(({ counts }) => counts.pictures >= before.pictures + 120, 'two seconds of pictures')
  clearInterval(timer)
  const seconds = (performance.now() - before.atMs) / 1000
  assert.equal(receiver.closeCode, undefined)
  assert.ok(rig.gateway.counters.inputEvents < 260 * seconds, `${rig.gateway.counters.inputEvents} events`)
})
