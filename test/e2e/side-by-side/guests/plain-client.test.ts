import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import { scene } from './scene.ts'

const { house } = scene
/** No waiting room is so high. */
const lobby = scene.lobby('test-pattern', 'Test pattern', { settings: { width: 1280, height: 736 } })

lobby.test('a client that knows only seed 003 and an address gets picture and sound, and comes back', async (t) => {
  const { token } = await house.invite(lobby.id, 'viewer')
  const { page } = await scene.sit({ link: `http://localhost:${house.port}/healthz` })
  const seen = await connect(page, `ws://localhost:${house.port}/?invite=${token}`)
  t.diagnostic(`a picture after ${Math.round(seen.pictureMs)} ms`)
  assert.ok(seen.soundPackets > 0)
  assert.deepEqual(seen.heard.toSorted(), ['ready', 'signal'])
  assert.equal(seen.height, 736, 'of the lobby, and not of the waiting room')

  const again = await connect(page, `ws://localhost:${house.port}/some/path?invite=${token}`, seen.sessionId)
  assert.deepEqual(again.acknowledged, { success: true, historyRecovered: true })
  assert.ok(again.pictureMs > 0)
  const used = await connect(page, `ws://localhost:${house.port}/?invite=${token}`, seen.sessionId)
  assert.deepEqual(used.acknowledged, { success: false, historyRecovered: false }, 'it is good once')
  for (const { sessionId } of [seen, again, used]) {
    assert.ok(!house.log.includes(sessionId) && !house.output.includes(sessionId), 'a handle is in no log')
  }
  assert.ok(!house.log.includes(token) && !house.output.includes(token), 'the invitation is in no log')
})

interface Seen {
  readonly sessionId: string
  readonly pictureMs: number
  readonly height: number
  readonly soundPackets: number
  /** Types of the host's messages up to the first picture. */
  readonly heard: readonly string[]
  readonly acknowledged?: { readonly success: boolean; readonly historyRecovered: boolean }
}

/** The connection flow of the seed, word for word: no subprotocol, no candidates of their own, no other messages. */
function connect(page: Page, url: string, lostSession?: string): Promise<Seen> {
  return page.evaluate(`(async () => {
    const begun = performance.now()
    const socket = new WebSocket(${JSON.stringify(url)})
    const heard = new Set()
    const waiting = new Map()
    const next = (type) => new Promise((resolve) => waiting.set(type, resolve))
    const [ready, acknowledged, answer] = ['ready', 'reconnect-ack', 'signal'].map(next)
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(data)
      heard.add(message.type)
      waiting.get(message.type)?.(message)
    }
    let { id, iceServers } = await ready
    const ack = {}
    const lost = ${JSON.stringify(lostSession ?? null)}
    if (lost) {
      socket.send(JSON.stringify({ type: 'reconnect', sessionId: lost }))
      const { success, historyRecovered, sessionId } = await acknowledged
      ack.acknowledged = { success, historyRecovered }
      id = sessionId
    }
    const connection = new RTCPeerConnection({ iceServers })
    const video = document.createElement('video')
    video.muted = true
    video.autoplay = true
    video.srcObject = new MediaStream()
    connection.ontrack = ({ track }) => video.srcObject.addTrack(track)
    for (const kind of ['audio', 'video']) connection.addTransceiver(kind, { direction: 'recvonly' })
    await connection.setLocalDescription()
    if (connection.iceGatheringState !== 'complete') {
      await new Promise((resolve) => (connection.onicegatheringstatechange = () => {
        if (connection.iceGatheringState === 'complete') resolve()
      }))
    }
    socket.send(JSON.stringify({ type: 'offer', signal: connection.localDescription }))
    await connection.setRemoteDescription((await answer).signal)
    await new Promise((resolve) => video.requestVideoFrameCallback(resolve))
    const pictureMs = performance.now() - begun
    let soundPackets = 0
    while (soundPackets === 0) {
      for (const stats of (await connection.getStats()).values()) {
        if (stats.type === 'inbound-rtp' && stats.kind === 'audio') soundPackets = stats.packetsReceived
      }
    }
    socket.close()
    return { sessionId: id, pictureMs, height: video.videoHeight, soundPackets, heard: [...heard], ...ack }
  })()`)
}
