import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Page } from 'playwright-core'
import { openChromium } from './chromium.ts'

/** What a browser's receiving end has counted. */
export interface PageSample {
  readonly video: {
    readonly framesDecoded: number
    readonly keyFramesDecoded: number
    readonly framesPerSecond: number
    readonly freezeCount: number
    readonly packetsLost: number
    readonly frameWidth: number
    readonly mimeType: string
    /** Mean time that a picture waited before it was shown. */
    readonly jitterBufferMs: number
  }
  readonly audio: {
    readonly packetsReceived: number
    /** Grows while something is to be heard. */
    readonly totalAudioEnergy: number
    readonly concealedSamples: number
  }
}

export interface WatchOptions {
  /** The only codec that the page takes. */
  readonly codec?: 'H264' | 'VP8'
  /** Port on 127.0.0.1 that media goes through instead of the gateway's own. */
  readonly throughPort?: number
}

/** A page in Chromium that speaks signalling by itself: the smallest thing that shows what the gateway sends. */
export interface RtcPage {
  /** Connects and offers; resolves with the time to the first picture shown, in milliseconds. */
  watch(url: string, options?: WatchOptions): Promise<number>
  say(message: object): Promise<void>
  /** Sends bytes on an input channel, which is open by then. */
  input(channel: 'keys' | 'pointer', bytes: Uint8Array): Promise<void>
  sample(): Promise<PageSample>
  /** Resolves with the first sample that satisfies `accept`; rejects when none does within a minute. */
  sampleUntil(accept: (sample: PageSample) => boolean): Promise<PageSample>
  /** The browser vanishes, with no time for a goodbye. */
  kill(): Promise<void>
}

const patienceMs = 60_000

/** Opens a browser with the page; both close with the test. */
export async function openRtcPage(t: { after(end: () => Promise<void>): void }): Promise<RtcPage> {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html')
    response.end(html)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const browser = await openChromium()
  t.after(async () => {
    await browser[Symbol.asyncDispose]()
    server.close()
  })
  const page: Page = await browser.browser.newPage()
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  const sample = async () => JSON.parse(await page.evaluate<string>('sample()')) as PageSample
  return {
    watch: (url, options = {}) => page.evaluate<number>(`watch(${JSON.stringify(url)}, ${JSON.stringify(options)})`),
    say: (message) => page.evaluate(`say(${JSON.stringify(message)})`),
    input: (channel, bytes) => page.evaluate(`input(${JSON.stringify(channel)}, [${bytes.join()}])`),
    sample,
    async sampleUntil(accept) {
      const giveUpAtMs = performance.now() + patienceMs
      for (;;) {
        const found = await sample()
        if (accept(found)) return found
        if (performance.now() > giveUpAtMs)
          throw new Error(`Not within a minute. Seen at last: ${JSON.stringify(found)}`)
        await page.evaluate('new Promise((resolve) => setTimeout(resolve, 100))')
      }
    },
    kill: () => browser.kill(),
  }
}

const html = `<!doctype html><video autoplay playsinline></video><script>
const video = document.querySelector('video')
const peer = new RTCPeerConnection({ bundlePolicy: 'max-bundle' })
const channels = {
  keys: peer.createDataChannel('keys', { negotiated: true, id: 0 }),
  pointer: peer.createDataChannel('pointer', { negotiated: true, id: 1, ordered: false, maxRetransmits: 0 }),
}
const pictures = peer.addTransceiver('video', { direction: 'recvonly' })
const sound = peer.addTransceiver('audio', { direction: 'recvonly' })
pictures.receiver.jitterBufferTarget = 0
let socket
const say = (message) => socket.send(JSON.stringify(message))

async function watch(url, { codec, throughPort }) {
  const begun = performance.now()
  if (codec) {
    const { codecs } = RTCRtpReceiver.getCapabilities('video')
    pictures.setCodecPreferences(codecs.filter(({ mimeType }) => mimeType === 'video/' + codec))
  }
  video.srcObject = new MediaStream([pictures.receiver.track, sound.receiver.track])
  const shown = new Promise((resolve) => video.requestVideoFrameCallback(resolve))
  socket = new WebSocket(url, ['porchlight.v1'])
  // Whoever is not told is reached only along the way that he came.
  peer.onicecandidate = ({ candidate }) =>
    candidate && !throughPort && say({ type: 'candidate', candidate: candidate.candidate, sdpMid: candidate.sdpMid })
  const offer = await peer.createOffer()
  socket.onmessage = async ({ data }) => {
    const message = JSON.parse(data)
    if (message.type === 'ready') {
      const set = peer.setLocalDescription(offer)
      say({ type: 'offer', signal: { type: 'offer', sdp: offer.sdp } })
      await set
    }
    if (message.type === 'ping') say({ type: 'pong', timestamp: message.timestamp })
    if (message.type === 'signal') await peer.setRemoteDescription(message.signal)
    if (message.type === 'candidate') {
      const candidate = throughPort ? message.candidate.replace(/ \\d+ typ/, ' ' + throughPort + ' typ') : message.candidate
      await peer.addIceCandidate({ candidate, sdpMid: message.sdpMid })
    }
  }
  await shown
  return performance.now() - begun
}

async function input(name, bytes) {
  const channel = channels[name]
  if (channel.readyState !== 'open') await new Promise((resolve) => (channel.onopen = resolve))
  channel.send(Uint8Array.from(bytes))
}

async function sample() {
  const stats = [...(await peer.getStats()).values()]
  const of = (kind) => stats.find((one) => one.type === 'inbound-rtp' && one.kind === kind) ?? {}
  const one = of('video')
  const { mimeType } = stats.find(({ id }) => id === one.codecId) ?? {}
  const jitterBufferMs = (1000 * one.jitterBufferDelay) / one.jitterBufferEmittedCount
  return JSON.stringify({ video: { ...one, mimeType, jitterBufferMs }, audio: of('audio') })
}
</script>`
