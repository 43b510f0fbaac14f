import type { Clock } from '../kernel/clock.ts'
import { type Closable, type End } from '../kernel/ending.ts'
import type { Log } from '../kernel/log.ts'
import { ChildRun } from '../os/child/child-run.ts'
import { controlType, decodeControl, encodeControl } from '../os/child/frame.ts'
import { type Order, parseReport, type Report } from './process/messages.ts'
import {
  audioType,
  type AudioFrame,
  decodeAudio,
  decodeStill,
  decodeVideo,
  encodeVoice,
  type StillFrame,
  stillType,
  type VideoFrame,
  videoType,
  violation,
  type VoiceFrame,
} from './process/protocol.ts'
import { vital } from './process/vital.ts'

export interface ProcessRunOptions {
  readonly clock: Clock
  readonly log: Log
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly onReport: (report: Report) => void
  readonly onVideo: (frame: VideoFrame) => void
  readonly onAudio: (frame: AudioFrame) => void
  readonly onStill: (frame: StillFrame) => void
}

/** With so much in wait, voices are dropped: what comes late is not heard. */
const congestedBytes = 64 * 1024

const processEnvironment = {
  // Reads, grabs and encodings each block a thread of the pool for a while.
  UV_THREADPOOL_SIZE: '8',
  // glibc would keep the large buffers that each of these threads has freed: 400 MB instead of 150 after a while.
  MALLOC_ARENA_MAX: '2',
  MALLOC_MMAP_THRESHOLD_: String(256 * 1024),
} as const

/** One life of a media process, from its start to its end. */
export class ProcessRun implements Closable {
  readonly closed: Promise<End>
  readonly #run: ChildRun

  private constructor(run: ChildRun) {
    this.#run = run
    this.closed = run.closed
  }

  /** Resolves with its hello. Rejects with ChildError `process-failed` when it does not come to that. */
  static async start(options: ProcessRunOptions): Promise<ProcessRun> {
    const { clock, log, environment, onReport, onVideo, onAudio, onStill } = options
    const run = await ChildRun.start({
      name: 'media process',
      main: new URL('process/main.ts', import.meta.url),
      environment: { ...environment, ...processEnvironment },
      vital,
      clock,
      log,
      onFrame: (type, body) => {
        if (type === videoType) onVideo(decodeVideo(body))
        else if (type === audioType) onAudio(decodeAudio(body))
        else if (type === stillType) onStill(decodeStill(body))
        else if (type === controlType) onReport(parseReport(decodeControl(body)))
        else throw violation(`a frame of type ${type} came from the media process`)
      },
    })
    return new ProcessRun(run)
  }

  get pid(): number | undefined {
    return this.#run.pid
  }

  send(order: Order): void {
    this.#run.send(encodeControl(order))
  }

  speak(frame: VoiceFrame): void {
    if (this.#run.waitingBytes <= congestedBytes) this.#run.send(encodeVoice(frame))
  }

  close(reason?: string): Promise<void> {
    return this.#run.close(reason)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
