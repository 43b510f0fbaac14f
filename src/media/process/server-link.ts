import { controlType, decodeControl, encodeControl } from '../../os/child/frame.ts'
import { ParentLink } from '../../os/child/parent-link.ts'
import { ConversationMonitor } from '../../kernel/monitor/conversation.ts'
import type { Handlers, TypedMonitor } from '../../kernel/monitor/typed-conversation.ts'
import { type mediaProcess, processPlan } from '../link/conversation.ts'
import { type Order, parseOrder, type Report } from '../link/messages.ts'
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
} from '../link/protocol.ts'
import { vital } from '../link/vital.ts'

/** Bytes that may wait for the server. With more, pictures are dropped, and nothing is encoded, until it has taken them. */
const congestedBytes = 1024 * 1024

export interface ServerLinkEvents {
  /** The server takes pictures again. */
  onRelief(): void
  /** The server has gone, or said what no server would. */
  onEnd(error: Error | undefined): void
}

/** What is done with each order, and with voices. */
export type OrderHandlers = Handlers<typeof mediaProcess, 'process'>

/** The process's end of the socket pair. What waits in it is bounded: a server that does not read loses pictures. */
export class ServerLink {
  readonly #link: ParentLink
  readonly #watch: TypedMonitor<typeof mediaProcess, 'process'> = new ConversationMonitor(processPlan)
  #handlers: OrderHandlers | undefined
  /** Orders that came before anybody could carry them out. */
  #early: Order[] = []
  #relieving = false

  constructor(events: ServerLinkEvents) {
    this.#link = new ParentLink({
      onFrame: (type, body) => {
        if (type === controlType) this.#obey(parseOrder(decodeControl(body)))
        else if (type === voiceType) this.#hear(decodeVoice(body))
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

  /** Carries out what is ordered, and has been by now. */
  on(handlers: OrderHandlers): void {
    this.#handlers = handlers
    for (const order of this.#early.splice(0)) carryOut(handlers, order)
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
    this.#watch.sent(report.type)
    this.#link.write(encodeControl(report))
  }

  /** False when the picture was dropped. */
  video(frame: VideoFrame): boolean {
    if (this.congested) return false
    this.#watch.sent('video')
    this.#link.write(encodeVideo(frame))
    return true
  }

  /** Every order for a still is answered, so this one is never dropped. */
  still(frame: StillFrame): void {
    this.#watch.sent('still')
    this.#link.write(encodeStill(frame))
  }

  audio(frame: AudioFrame): void {
    if (this.congested) return
    this.#watch.sent('audio')
    this.#link.write(encodeAudio(frame))
  }

  #obey(order: Order): void {
    this.#watch.received(order.type)
    if (this.#handlers) carryOut(this.#handlers, order)
    else this.#early.push(order)
  }

  /** What is said before there is anybody to hear it is lost. */
  #hear(frame: VoiceFrame): void {
    this.#watch.received('voice')
    this.#handlers?.voice(frame)
  }
}

function carryOut(handlers: OrderHandlers, order: Order): void {
  const handle: (order: never) => void = handlers[order.type]
  handle(order as never)
}
