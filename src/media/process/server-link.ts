import type { Socket } from 'node:net'
import { FrameSplitter } from './frame-splitter.ts'
import { type Order, parseOrder, type Report } from './messages.ts'
import {
  type AudioFrame,
  controlType,
  decodeControl,
  decodeVoice,
  encodeAudio,
  encodeControl,
  encodeStill,
  encodeVideo,
  type StillFrame,
  type VideoFrame,
  violation,
  type VoiceFrame,
  voiceType,
} from './protocol.ts'

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
  readonly #socket: Socket
  #relieving = false

  constructor(socket: Socket, events: ServerLinkEvents) {
    this.#socket = socket
    const splitter = new FrameSplitter((type, body) => {
      if (type === controlType) events.onOrder(parseOrder(decodeControl(body)))
      else if (type === voiceType) events.onVoice(decodeVoice(body))
      else throw violation(`a frame of type ${type} came from the server`)
    })
    socket.on('data', (chunk: Buffer) => {
      try {
        splitter.push(chunk)
      } catch (error) {
        events.onEnd(error instanceof Error ? error : new Error(String(error)))
      }
    })
    socket.on('drain', () => {
      if (!this.#relieving) return
      this.#relieving = false
      events.onRelief()
    })
    // A server that goes while something is sent to it shows as an error.
    socket.once('error', () => events.onEnd(undefined))
    socket.once('close', () => events.onEnd(undefined))
  }

  /** True while the server does not keep up. */
  get congested(): boolean {
    if (this.#socket.writableLength < congestedBytes) return false
    this.#relieving = true
    return true
  }

  report(report: Report): void {
    this.#socket.write(encodeControl(report))
  }

  /** False when the picture was dropped. */
  video(frame: VideoFrame): boolean {
    if (this.congested) return false
    this.#socket.write(encodeVideo(frame))
    return true
  }

  /** Every order for a still is answered, so this one is never dropped. */
  still(frame: StillFrame): void {
    this.#socket.write(encodeStill(frame))
  }

  audio(frame: AudioFrame): void {
    if (!this.congested) this.#socket.write(encodeAudio(frame))
  }
}
