import { controlType, decodeControl, encodeControl } from '../../os/child/frame.ts'
import { ParentLink } from '../../os/child/parent-link.ts'
import { type Order, parseOrder, type Report } from './messages.ts'
import {
  type AudioFrame,
  decodeVoice,
  encodeAudio,
  encodeStill,
  encodeVideo,
  type StillFrame,
  type VideoFrame,
  violation,
  type VoiceFrame,
  voiceType,
} from './protocol.ts'
import { vital } from './vital.ts'

/** Bytes that may wait for the server. With more, pictures are dropped, and nothing is encoded, until it has taken them. */
const congestedBytes = 1024 * 1024

export interface ServerLinkEvents {
  onOrder(order: Order): void
  onVoice(frame: VoiceFrame): void
  /** The server takes pictures again. */
  onRelief(): void
  /** The server has gone, or said what no server would. */
  onEnd(error: Error | undefined): void
}

/** The process's end of the socket pair. What waits in it is bounded: a server that does not read loses pictures. */
export class ServerLink {
  readonly #link: ParentLink
  #relieving = false

  constructor(events: ServerLinkEvents) {
    this.#link = new ParentLink({
      onFrame: (type, body) => {
        if (type === controlType) events.onOrder(parseOrder(decodeControl(body)))
        else if (type === voiceType) events.onVoice(decodeVoice(body))
        else throw violation(`a frame of type ${type} came from the server`)
      },
      onDrain: () => {
        if (!this.#relieving) return
        this.#relieving = false
        events.onRelief()
      },
      onEnd: (error) => events.onEnd(error),
    })
    this.#link.greet(vital)
  }

  /** True while the server does not keep up. */
  get congested(): boolean {
    if (this.#link.waitingBytes < congestedBytes) return false
    this.#relieving = true
    return true
  }

  beat(): void {
    this.#link.beat()
  }

  report(report: Report): void {
    this.#link.write(encodeControl(report))
  }

  /** False when the picture was dropped. */
  video(frame: VideoFrame): boolean {
    if (this.congested) return false
    this.#link.write(encodeVideo(frame))
    return true
  }

  /** Every order for a still is answered, so this one is never dropped. */
  still(frame: StillFrame): void {
    this.#link.write(encodeStill(frame))
  }

  audio(frame: AudioFrame): void {
    if (!this.congested) this.#link.write(encodeAudio(frame))
  }
}
