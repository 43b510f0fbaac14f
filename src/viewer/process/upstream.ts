import { TokenBucket } from '../../kernel/token-bucket.ts'
import { maxVoiceBytes, type VoiceUnit } from '../../media/contract/voice.ts'
import { pointerChannel, type InputChannel } from '../../wire/input/channels.ts'
import { encodeInput, encodeText, encodeVoice } from '../link/protocol.ts'

export interface UpstreamOptions {
  readonly viewer: number
  readonly nowMs: () => number
  /** Hands a frame to the server. */
  readonly write: (label: 'voice' | 'input' | 'text', frame: Uint8Array) => void
  /** The client broke the protocol. */
  readonly fault: (code: string, message: string) => void
}

/** More than any player does; what is less is for the server to judge. */
const limits = {
  control: { perSecond: 1000, burst: 2000 },
  voice: { perSecond: 200, burst: 400 },
  keys: { perSecond: 500, burst: 1000 },
  pointer: { perSecond: 20_000, burst: 20_000 },
  text: { perSecond: 50, burst: 200 },
} as const

/**
 * What one viewer sends to the server, no more than can be meant: the way there is shared by all viewers. Whoever sends
 * more is told on once, and nothing of theirs gets through from then on.
 */
export class Upstream {
  readonly #options: UpstreamOptions
  readonly #buckets: Readonly<Record<keyof typeof limits, TokenBucket>>
  #isShut = false

  constructor(options: UpstreamOptions) {
    const bucket = (limit: { perSecond: number; burst: number }) =>
      new TokenBucket({ ...limit, nowMs: options.nowMs() })
    this.#options = options
    this.#buckets = {
      control: bucket(limits.control),
      voice: bucket(limits.voice),
      keys: bucket(limits.keys),
      pointer: bucket(limits.pointer),
      text: bucket(limits.text),
    }
  }

  /** Whether one more RTCP packet may be read. */
  control(): boolean {
    return this.#take('control', 'Reports on what arrives came too fast')
  }

  voice(unit: VoiceUnit): void {
    if (unit.data.length > maxVoiceBytes) {
      return this.#shut('too-long', `A voice packet of ${unit.data.length} bytes came`)
    }
    if (!this.#take('voice', 'Voice packets came too fast')) return
    this.#options.write('voice', encodeVoice({ viewer: this.#options.viewer, unit }))
  }

  input(channel: InputChannel, message: Uint8Array | string): void {
    const lane = channel.id === pointerChannel.id ? 'pointer' : 'keys'
    if (!this.#take(lane, `Input came too fast on the ${channel.label} channel`)) return
    const isText = typeof message === 'string'
    // One byte too much says as much as all of it.
    const bytes = (isText ? new TextEncoder().encode(message) : message).subarray(0, channel.maxMessageBytes + 1)
    this.#options.write(
      'input',
      encodeInput({ viewer: this.#options.viewer, channel: channel.id, isText, message: bytes }),
    )
  }

  text(text: string): void {
    if (!this.#take('text', 'Texts came too fast')) return
    this.#options.write('text', encodeText({ viewer: this.#options.viewer, text }))
  }

  #take(lane: keyof typeof limits, flood: string): boolean {
    if (this.#isShut) return false
    if (this.#buckets[lane].take(this.#options.nowMs())) return true
    this.#shut('flood', flood)
    return false
  }

  #shut(code: string, message: string): void {
    if (this.#isShut) return
    this.#isShut = true
    this.#options.fault(code, message)
  }
}
