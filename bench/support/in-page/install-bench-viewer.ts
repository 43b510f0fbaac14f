import { PorchlightClient } from '../../../src/client/index.ts'
import { barcodeAgeMs, decodeTimeBarcode } from '../../../src/media/test-pattern/time-barcode.ts'
import { drawPage } from './draw-page.ts'
import type { BarcodeAge, BenchViewer, PageMeter, ReceivedStatistics, Switched } from '../bench-viewer.ts'

declare global {
  var benchViewer: BenchViewer | undefined
  var pageMeter: PageMeter | undefined
}

/** Cells of the barcode are five pixels wide at this size: large enough to read, small enough to cost little. */
const readSize = { width: 320, height: 180 }
const clockCheckMs = 5
/** Where no pointer is drawn. */
const looked = { x: 64, y: 80, width: 480, height: 160 }
const lookedContext = new OffscreenCanvas(looked.width, looked.height).getContext('2d', { willReadFrequently: true })
const readableDb = 26
const sharpDb = 34

const connections: RTCPeerConnection[] = []
globalThis.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(configuration?: RTCConfiguration) {
    super(configuration)
    connections.push(this)
  }
}
globalThis.benchViewer = createViewer()
globalThis.pageMeter = watchPage()

function createViewer(): BenchViewer {
  const video = document.createElement('video')
  const canvas = new OffscreenCanvas(readSize.width, readSize.height)
  const context = canvas.getContext('2d', { willReadFrequently: true })
  let client: PorchlightClient | undefined
  let drawn = { page: new Uint8Array(0), width: 0, height: 0 }

  /** Notes every picture while something is done, and for a margin before and after. */
  const noteSwitch = async (act: () => void, height: number, marginMs: number): Promise<Switched> => {
    const shownMs: number[] = []
    let begunMs = Number.POSITIVE_INFINITY
    let arrivedMs: number | undefined
    const timer = setTimeout(() => {
      begunMs = performance.now()
      act()
    }, marginMs)
    await eachFrame(video, ({ presentationTime, height: seen }) => {
      shownMs.push(presentationTime)
      if (presentationTime > begunMs && seen === height) arrivedMs ??= presentationTime
      return arrivedMs === undefined || presentationTime < arrivedMs + marginMs
    })
    clearTimeout(timer)
    const gaps = shownMs.slice(1).map((ms, index) => ms - (shownMs[index] ?? ms))
    return { tookMs: (arrivedMs ?? Number.NaN) - begunMs, longestGapMs: Math.max(...gaps) }
  }

  return {
    async start({ url, token, lobbyId, limitBps }) {
      const startMs = performance.now()
      document.body.append(video)
      video.muted = true
      video.autoplay = true
      client = new PorchlightClient({ signallingUrl: url, token })
      client.attach(video)
      await client.start(lobbyId === undefined ? {} : { lobbyId })
      if (limitBps !== undefined) client.limit(limitBps)
      await eachFrame(video, () => false)
      return performance.now() - startMs
    },
    async moved(kind) {
      const startMs = performance.now()
      let movedMs = client?.path.value?.kind === kind ? startMs : Number.NaN
      const stop = client?.on('pathChange', (path) => {
        if (path?.kind === kind) movedMs = performance.now()
      })
      const shownMs = [startMs]
      await eachFrame(video, () => {
        const nowMs = performance.now()
        shownMs.push(nowMs)
        return !(nowMs > movedMs + 1000)
      })
      stop?.()
      const gaps = shownMs.slice(1).map((ms, index) => ms - (shownMs[index] ?? ms))
      return { tookMs: movedMs - startMs, longestGapMs: Math.max(...gaps) }
    },
    way: () => ({
      kind: client?.path.value?.kind,
      sessionId: client?.currentSessionId,
      state: client?.state ?? 'disconnected',
    }),
    join: (lobbyId, height, marginMs) => noteSwitch(() => void client?.join(lobbyId), height, marginMs),
    leave: (height, marginMs) => noteSwitch(() => client?.leave(), height, marginMs),
    async readBarcodes(durationMs) {
      const ages: BarcodeAge[] = []
      const startMs = performance.now()
      const originMs = await epochOfPageClock()
      await eachFrame(video, ({ presentationTime, expectedDisplayTime }) => {
        context?.drawImage(video, 0, 0, readSize.width, readSize.height)
        const image = context?.getImageData(0, 0, readSize.width, readSize.height)
        const time = image && decodeTimeBarcode(image)
        // The barcode has whole milliseconds, cut off.
        const ageMs = (pageMs: number) => barcodeAgeMs(time ?? 0, originMs + pageMs) + ((originMs + pageMs) % 1) - 0.5
        if (time !== undefined) {
          ages.push({ presentedMs: ageMs(presentationTime), displayedMs: ageMs(expectedDisplayTime) })
        }
        return performance.now() - startMs < durationMs
      })
      return ages
    },
    draw(page, { width, height }) {
      drawn = { page: drawPage(page, width, height), width, height }
      return base64(drawn.page)
    },
    async untilSharp(withinMs) {
      const { page, width, height } = drawn
      const untilMs = performance.now() + withinMs
      const originMs = await epochOfPageClock()
      let readableMs: number | undefined
      let sharpMs: number | undefined
      let fullSizeMs: number | undefined
      let finalDb = 0
      const look = ({ presentationTime }: VideoFrameCallbackMetadata) => {
        const isFull = video.videoWidth === width && video.videoHeight === height
        finalDb = isFull ? likenessDb(video, page, width) : 0
        fullSizeMs = isFull ? (fullSizeMs ?? originMs + presentationTime) : undefined
        readableMs = finalDb >= readableDb ? (readableMs ?? originMs + presentationTime) : undefined
        sharpMs = finalDb >= sharpDb ? (sharpMs ?? originMs + presentationTime) : undefined
      }
      const over = new Promise<void>((resolve) => setTimeout(resolve, withinMs))
      await Promise.race([over, eachFrame(video, (frame) => (look(frame), performance.now() < untilMs))])
      return { readableMs, sharpMs, fullSizeMs, finalDb }
    },
    picture: () => ({
      width: video.videoWidth,
      height: video.videoHeight,
      targetBps: client?.stats.value?.host?.targetBps ?? Number.NaN,
    }),
    statistics,
  }
}

function base64(bytes: Uint8Array): string {
  const pieces: string[] = []
  for (let at = 0; at < bytes.length; at += 8192) pieces.push(String.fromCharCode(...bytes.subarray(at, at + 8192)))
  return btoa(pieces.join(''))
}

/** Of the luma in a part of the picture, as pages show it. */
function likenessDb(video: HTMLVideoElement, page: Uint8Array, width: number): number {
  const { x, y } = looked
  lookedContext?.drawImage(video, x, y, looked.width, looked.height, 0, 0, looked.width, looked.height)
  const pixels = lookedContext?.getImageData(0, 0, looked.width, looked.height).data ?? []
  let sum = 0
  for (let at = 0; at < looked.width * looked.height; at++) {
    const [red = 0, green = 0, blue = 0] = [pixels[at * 4], pixels[at * 4 + 1], pixels[at * 4 + 2]]
    const expected = page[(y + Math.floor(at / looked.width)) * width + x + (at % looked.width)] ?? 0
    sum += (0.2126 * red + 0.7152 * green + 0.0722 * blue - expected) ** 2
  }
  return 10 * Math.log10(255 ** 2 / Math.max(0.01, sum / (looked.width * looked.height)))
}

/**
 * The moment of the page's clock zero since the Unix epoch, by `Date.now()`, which is the clock that the host writes into
 * barcodes: `performance.timeOrigin` may have drifted from it since.
 */
async function epochOfPageClock(): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  const untilMs = performance.now() + clockCheckMs
  while (performance.now() < untilMs) {
    const epochMs = Date.now()
    least = Math.min(least, performance.now() - epochMs)
  }
  // `Date.now()` is cut to whole milliseconds: where it has just ticked, the difference is least.
  return -least
}

async function statistics(): Promise<ReceivedStatistics> {
  const connection = connections.findLast(({ connectionState }) => connectionState === 'connected')
  const reports = [...((await connection?.getStats())?.values() ?? [])] as RTCStats[]
  const inbound = (kind: string) => {
    const isWanted = (report: RTCStats) => report.type === 'inbound-rtp' && 'kind' in report && report.kind === kind
    return reports.find(isWanted) as
      | (RTCInboundRtpStreamStats & { freezeCount?: number; totalFreezesDuration?: number })
      | undefined
  }
  const [video, audio] = [inbound('video'), inbound('audio')]
  return {
    timestampMs: video?.timestamp ?? Number.NaN,
    videoBytes: (video?.bytesReceived ?? 0) + (video?.headerBytesReceived ?? 0),
    audioBytes: (audio?.bytesReceived ?? 0) + (audio?.headerBytesReceived ?? 0),
    packetsReceived: video?.packetsReceived ?? 0,
    packetsLost: video?.packetsLost ?? 0,
    framesReceived: video?.framesReceived ?? 0,
    framesDecoded: video?.framesDecoded ?? 0,
    framesDropped: video?.framesDropped ?? 0,
    keyFramesDecoded: video?.keyFramesDecoded ?? 0,
    nackCount: video?.nackCount ?? 0,
    pliCount: video?.pliCount ?? 0,
    freezeCount: video?.freezeCount ?? 0,
    frozenMs: (video?.totalFreezesDuration ?? 0) * 1000,
  }
}

function watchPage(): PageMeter {
  let clickedMs: number | undefined
  document.addEventListener('click', ({ timeStamp }) => (clickedMs = timeStamp), { capture: true })
  return {
    async firstPicture(height) {
      let shownMs = Number.NaN
      await eachFrame(await appearance('video'), ({ presentationTime, height: seen }) => {
        shownMs = presentationTime
        return seen !== height
      })
      return { sinceLoadMs: shownMs, sinceClickMs: clickedMs === undefined ? undefined : shownMs - clickedMs }
    },
  }
}

/** An element, as soon as the page has one. */
function appearance(selector: 'video'): Promise<HTMLVideoElement> {
  const { promise, resolve } = Promise.withResolvers<HTMLVideoElement>()
  const look = () => {
    const found = document.querySelector(selector)
    if (!found) return
    observer.disconnect()
    resolve(found)
  }
  const observer = new MutationObserver(look)
  observer.observe(document, { childList: true, subtree: true })
  look()
  return promise
}

/** Calls `look` with every frame that is shown, as long as it returns true. */
function eachFrame(video: HTMLVideoElement, look: (frame: VideoFrameCallbackMetadata) => boolean): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const next = () => {
    video.requestVideoFrameCallback((_now, frame) => {
      try {
        if (look(frame)) next()
        else resolve()
      } catch (error) {
        reject(error)
      }
    })
  }
  next()
  return promise
}
