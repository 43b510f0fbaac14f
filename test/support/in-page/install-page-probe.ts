import { decodeTimeBarcode } from '../../../src/media/test-pattern/time-barcode.ts'
import type { Colour, FrameCount, Heard, PageProbe, Place, TimeSighting, Watched } from '../page-probe.ts'

declare global {
  var pageProbe: PageProbe | undefined
}

const fingerprintSide = 24
const statisticsWithinMs = 10_000

globalThis.pageProbe = installPageProbe()

/** Watches the page from within, before anything of it runs. */
function installPageProbe(): PageProbe {
  const connections = rememberConnections()
  const canvas = new OffscreenCanvas(1, 1)
  const context = canvas.getContext('2d', { willReadFrequently: true })
  let listening: { readonly track: MediaStreamTrack; readonly analyser: AnalyserNode } | undefined
  let firstFrameMs: number | undefined
  let watched: Watched | undefined

  const video = (): HTMLVideoElement => {
    const found = document.querySelector('video')
    if (!found || found.videoWidth === 0) throw new Error('There is no picture on this page')
    return found
  }
  const pixelsOf = (source: CanvasImageSource, width: number, height: number): ImageData => {
    canvas.width = width
    canvas.height = height
    if (!context) throw new Error('There is no canvas')
    context.drawImage(source, 0, 0, width, height)
    return context.getImageData(0, 0, width, height)
  }
  const snapshot = (width?: number, height?: number): ImageData => {
    const source = video()
    return pixelsOf(source, width ?? source.videoWidth, height ?? source.videoHeight)
  }
  /** Of WebRTC, as soon as that is what media comes by: before, it comes through the web port. */
  const statistics = async (kind: 'audio' | 'video'): Promise<RTCInboundRtpStreamStats> => {
    const untilMs = performance.now() + statisticsWithinMs
    for (;;) {
      const connection = connections.findLast(({ connectionState }) => connectionState === 'connected')
      const reports = [...((await connection?.getStats())?.values() ?? [])] as RTCStats[]
      const found = reports.find((report) => report.type === 'inbound-rtp' && 'kind' in report && report.kind === kind)
      if (found) return found as RTCInboundRtpStreamStats
      if (performance.now() > untilMs) throw new Error(`Nothing is received: no statistics of ${kind}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
  /** The received sound on an analyser; anew when another connection brings another track. */
  const listen = async (): Promise<AnalyserNode> => {
    const stream = video().srcObject as MediaStream
    const [track] = stream.getAudioTracks()
    if (!track) throw new Error('There is no sound on this page')
    if (listening?.track === track) return listening.analyser
    const audio = new AudioContext()
    await audio.resume()
    const analyser = audio.createAnalyser()
    analyser.fftSize = 8192
    analyser.smoothingTimeConstant = 0
    audio.createMediaStreamSource(new MediaStream([track])).connect(analyser)
    listening = { track, analyser }
    return analyser
  }

  let counting: { readonly before: RTCInboundRtpStreamStats; readonly shownBefore: number } | undefined
  const beginCount = async (): Promise<void> => {
    counting = { before: await statistics('video'), shownBefore: video().getVideoPlaybackQuality().totalVideoFrames }
  }
  const endCount = async (): Promise<FrameCount> => {
    if (!counting) throw new Error('Nobody has counted')
    const { before, shownBefore } = counting
    const after = await statistics('video')
    const seconds = (after.timestamp - before.timestamp) / 1000
    return {
      decodedFps: ((after.framesDecoded ?? 0) - (before.framesDecoded ?? 0)) / seconds,
      shownFps: (video().getVideoPlaybackQuality().totalVideoFrames - shownBefore) / seconds,
      dropped: (after.framesDropped ?? 0) - (before.framesDropped ?? 0),
    }
  }

  whenFirstFrame((waitedMs) => (firstFrameMs = waitedMs))
  return {
    get firstFrameMs() {
      return firstFrameMs
    },
    colours(places: readonly Place[]): readonly Colour[] {
      const image = snapshot()
      return places.map(({ x, y }) => colourAt(image, x, y))
    },
    thumbnailColours(places: readonly Place[]): readonly Colour[] | undefined {
      const thumbnail = document.querySelector<HTMLImageElement>('img.house-picture')
      if (!thumbnail?.complete || thumbnail.naturalWidth === 0) return undefined
      const image = pixelsOf(thumbnail, thumbnail.naturalWidth, thumbnail.naturalHeight)
      return places.map(({ x, y }) => colourAt(image, x, y))
    },
    async count(durationMs) {
      await beginCount()
      await new Promise((resolve) => setTimeout(resolve, durationMs))
      return endCount()
    },
    beginCount,
    endCount,
    async readTimes(frames): Promise<readonly TimeSighting[]> {
      const sightings: TimeSighting[] = []
      await eachFrame(video(), ({ expectedDisplayTime }) => {
        const time = decodeTimeBarcode(snapshot())
        if (time !== undefined) sightings.push({ time, shownAtMs: performance.timeOrigin + expectedDisplayTime })
        return sightings.length < frames
      })
      return sightings
    },
    beginWatch() {
      const here = { pictures: 0, darkest: 255, longestPauseMs: 0 }
      watched = here
      let lastMs = performance.now()
      void eachFrame(video(), (_frame, nowMs) => {
        const { data } = snapshot(fingerprintSide, fingerprintSide)
        here.pictures++
        here.darkest = Math.min(here.darkest, Math.max(...data.filter((_, index) => index % 4 < 3)))
        here.longestPauseMs = Math.max(here.longestPauseMs, nowMs - lastMs)
        lastMs = nowMs
        return watched === here
      })
    },
    endWatch() {
      const seen = watched
      watched = undefined
      if (!seen) throw new Error('Nobody has watched')
      return seen
    },
    fingerprint() {
      const { data } = snapshot(fingerprintSide, fingerprintSide)
      return Array.from({ length: fingerprintSide ** 2 }, (_, index) =>
        ((data[index * 4 + 1] ?? 0) >> 5).toString(8),
      ).join('')
    },
    async hear(frequencyHz): Promise<Heard> {
      const analyser = await listen()
      const bins = new Float32Array(analyser.frequencyBinCount)
      analyser.getFloatFrequencyData(bins)
      const samples = new Float32Array(analyser.fftSize)
      analyser.getFloatTimeDomainData(samples)
      const bin = Math.round((frequencyHz * analyser.fftSize) / analyser.context.sampleRate)
      const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length
      return { toneDb: Math.max(...bins.subarray(bin - 2, bin + 3)), allDb: 10 * Math.log10(power) }
    },
    async concealment(durationMs) {
      const before = await statistics('audio')
      await new Promise((resolve) => setTimeout(resolve, durationMs))
      const after = await statistics('audio')
      const grown = (name: 'totalSamplesReceived' | 'concealedSamples') => (after[name] ?? 0) - (before[name] ?? 0)
      return grown('concealedSamples') / grown('totalSamplesReceived')
    },
  }
}

/** The page's peer connections, oldest first. */
function rememberConnections(): RTCPeerConnection[] {
  const connections: RTCPeerConnection[] = []
  globalThis.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration?: RTCConfiguration) {
      super(configuration)
      connections.push(this)
    }
  }
  return connections
}

/** Calls `look` with every frame that is shown, as long as it returns true. */
function eachFrame(
  video: HTMLVideoElement,
  look: (frame: VideoFrameCallbackMetadata, nowMs: number) => boolean,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const next = () => {
    video.requestVideoFrameCallback((nowMs, frame) => {
      try {
        if (look(frame, nowMs)) next()
        else resolve()
      } catch (error) {
        reject(error)
      }
    })
  }
  next()
  return promise
}

function whenFirstFrame(tell: (waitedMs: number) => void): void {
  const observer = new MutationObserver(() => {
    const video = document.querySelector('video')
    if (!video) return
    observer.disconnect()
    const sinceMs = performance.now()
    video.requestVideoFrameCallback((nowMs) => tell(nowMs - sinceMs))
  })
  observer.observe(document, { childList: true, subtree: true })
}

/** Mean of a few pixels: a coded picture has noise. */
function colourAt({ width, height, data }: ImageData, x: number, y: number): Colour {
  const left = Math.min(width - 2, Math.max(1, Math.round(x * width)))
  const top = Math.min(height - 2, Math.max(1, Math.round(y * height)))
  const mean = (channel: number) => {
    let sum = 0
    for (let dy = -1; dy <= 1; dy++) {
      for (let dx = -1; dx <= 1; dx++) sum += data[((top + dy) * width + left + dx) * 4 + channel] ?? 0
    }
    return Math.round(sum / 9)
  }
  return [mean(0), mean(1), mean(2)]
}
