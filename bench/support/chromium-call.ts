import { chromium, type Page } from 'playwright-core'
import type { NarrowPath } from './narrow-path.ts'

declare global {
  /** There in the page, not here. */
  var benchCall: RTCPeerConnection | undefined
}

const args = [
  '--no-sandbox',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--autoplay-policy=no-user-gesture-required',
  '--allow-loopback-in-peer-connection',
  '--disable-features=WebRtcHideLocalIpsWithMdns',
  '--disable-background-timer-throttling',
  '--disable-renderer-backgrounding',
]
/** Noise, which fills any rate. */
const picture = { width: 640, height: 360, fps: 30 }
/** Beyond what any of the paths carries, so that nothing but the path limits it. */
const mostBps = 40_000_000

/** A page that sends noise to another one by WebRTC, through a path. */
export interface ChromiumCall extends AsyncDisposable {
  /** Pictures decoded, and the pauses between them that can be seen, since the beginning. */
  received(): Promise<{ readonly pictures: number; readonly freezes: number }>
}

/** Both ends in one browser, whose addresses for each other are those of the path. */
export async function openChromiumCall(path: NarrowPath): Promise<ChromiumCall> {
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args })
  const open = async () => {
    const page = await (await browser.newContext()).newPage()
    await page.goto('about:blank')
    return page
  }
  const [caller, callee] = [await open(), await open()]
  const offer = await caller.evaluate(beginCall, { ...picture, mostBps })
  path.sender = placeIn(offer)
  const answer = await callee.evaluate(answerCall, reachedAt(offer, path.receiverPort))
  path.receiver = placeIn(answer)
  await caller.evaluate(finishCall, { sdp: reachedAt(answer, path.senderPort), mostBps })
  return {
    received: () => receivedBy(callee),
    [Symbol.asyncDispose]: () => browser.close(),
  }
}

const candidate = /^a=candidate:\S+ 1 udp \d+ (\d+\.\d+\.\d+\.\d+) (\d+) typ host.*\r\n/im

function placeIn(sdp: string): { readonly address: string; readonly port: number } {
  const [, address = '', port] = candidate.exec(sdp) ?? []
  if (address === '') throw new Error('Chromium has no address that it could be reached at')
  return { address, port: Number(port) }
}

/** The same with one candidate, which is the path's. */
function reachedAt(sdp: string, port: number): string {
  const bare = sdp.replaceAll(/^a=(candidate|end-of-candidates).*\r\n/gim, '')
  return `${bare}a=candidate:1 1 udp 2122260223 127.0.0.1 ${port} typ host\r\na=end-of-candidates\r\n`
}

async function receivedBy(page: Page) {
  return page.evaluate(async () => {
    const reports = [...((await globalThis.benchCall?.getStats())?.values() ?? [])] as RTCStats[]
    const found = reports.find(({ type }) => type === 'inbound-rtp') as RTCInboundRtpStreamStats | undefined
    const { framesDecoded = 0, freezeCount = 0 } = (found ?? {}) as { framesDecoded?: number; freezeCount?: number }
    return { pictures: framesDecoded, freezes: freezeCount }
  })
}

/** In the page: noise, and an offer with all addresses. */
async function beginCall({ width, height, fps }: typeof picture & { mostBps: number }): Promise<string> {
  const canvas = document.createElement('canvas')
  canvas.width = width
  canvas.height = height
  const context = canvas.getContext('2d')
  const image = new ImageData(width, height)
  const pixels = new Uint32Array(image.data.buffer)
  let state = 1
  const draw = () => {
    for (let at = 0; at < pixels.length; at++) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
      pixels[at] = (state >> 8) | 0xff000000
    }
    context?.putImageData(image, 0, 0)
  }
  draw()
  setInterval(draw, 1000 / fps)
  const call = (globalThis.benchCall = new RTCPeerConnection())
  for (const track of canvas.captureStream(fps).getTracks()) {
    track.contentHint = 'motion'
    call.addTrack(track)
  }
  await call.setLocalDescription(await call.createOffer())
  while (call.iceGatheringState !== 'complete') await new Promise((resolve) => setTimeout(resolve, 10))
  return call.localDescription?.sdp ?? ''
}

async function answerCall(sdp: string): Promise<string> {
  const call = (globalThis.benchCall = new RTCPeerConnection())
  call.ontrack = ({ track }) => {
    const video = document.createElement('video')
    video.muted = true
    video.autoplay = true
    video.srcObject = new MediaStream([track])
    document.body.append(video)
  }
  await call.setRemoteDescription({ type: 'offer', sdp })
  await call.setLocalDescription(await call.createAnswer())
  while (call.iceGatheringState !== 'complete') await new Promise((resolve) => setTimeout(resolve, 10))
  return call.localDescription?.sdp ?? ''
}

async function finishCall({ sdp, mostBps: maxBitrate }: { sdp: string; mostBps: number }): Promise<void> {
  const call = globalThis.benchCall
  await call?.setRemoteDescription({ type: 'answer', sdp })
  const sender = call?.getSenders()[0]
  const parameters = sender?.getParameters()
  if (!sender || !parameters) return
  for (const encoding of parameters.encodings) encoding.maxBitrate = maxBitrate
  await sender.setParameters(parameters)
}
