import type { StreamSession } from '../../host/contract/stream-session.ts'
import { CodedError, messageOf } from '../../kernel/coded-error.ts'
import { maxVoiceBytes, type VoiceUnit } from '../../media/contract/voice.ts'
import type { GatewayCounters } from '../contract/gateway-counters.ts'
import { TokenBucket } from '../../kernel/token-bucket.ts'

export interface VoiceIntakeOptions {
  readonly session: Pick<StreamSession, 'speak'>
  readonly nowUs: () => number
  readonly counters: GatewayCounters
  /** The voice is not heard; said once, until it is heard or the microphone was off. */
  readonly refuse: (code: string, message: string) => void
  /** The client broke the protocol: the conversation ends. */
  readonly fault: (code: string, message: string) => void
}

/** No browser makes packets shorter than 5 ms, and after a stall many come at once. */
const packetsPerSecond = 200
const burst = 400
/** A pause of this length: the microphone was off. */
const offAfterUs = 1_000_000

/** One viewer's voice, by whatever path it came: limited, and handed to the session. */
export class VoiceIntake {
  readonly #options: VoiceIntakeOptions
  readonly #limit: TokenBucket
  #refused = false
  #heardUs = -Infinity

  constructor(options: VoiceIntakeOptions) {
    this.#options = options
    this.#limit = new TokenBucket({ perSecond: packetsPerSecond, burst, nowMs: options.nowUs() / 1000 })
  }

  receive({ timestamp, data }: VoiceUnit): void {
    const { session, counters, refuse, fault } = this.#options
    const nowUs = this.#options.nowUs()
    if (nowUs - this.#heardUs > offAfterUs) this.#refused = false
    this.#heardUs = nowUs
    if (data.length > maxVoiceBytes) return fault('too-long', `A voice packet of ${data.length} bytes came`)
    if (!this.#limit.take(nowUs / 1000)) return fault('flood', 'Voice packets came too fast')
    try {
      session.speak({ timestamp, data })
      counters.voicePackets++
      this.#refused = false
    } catch (error) {
      counters.voicePacketsDropped++
      if (this.#refused) return
      this.#refused = true
      refuse(error instanceof CodedError ? error.code : 'internal', messageOf(error))
    }
  }
}
