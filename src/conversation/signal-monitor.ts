import type { ConversationPlan } from '../kernel/monitor/conversation.ts'
import { RecordingMonitor } from '../kernel/monitor/recording-monitor.ts'

/** How signalling sockets are watched. */
export interface SignalMonitorOptions {
  /** The host's end of `signalling`. */
  readonly plan: ConversationPlan
  readonly epochMs: () => number
  /** Takes the recording of a conversation that has ended; nothing is recorded without it. */
  readonly keepRecording: ((sessionId: string, recording: string) => void) | undefined
}

/** Messages of a recording; their order is kept, their contents (addresses, secrets) are not. */
const recordedMessages = 500

/** Holds one signalling socket to the protocol, both ways, and keeps a recording where one is wanted. */
export class SignalMonitor extends RecordingMonitor {
  readonly #keepRecording: SignalMonitorOptions['keepRecording']

  constructor({ plan, epochMs, keepRecording }: SignalMonitorOptions) {
    super({ plan, epochMs, capacity: keepRecording ? recordedMessages : 0 })
    this.#keepRecording = keepRecording
  }

  /** The conversation is over. */
  keep(sessionId: string): void {
    const { recording } = this
    if (recording !== undefined) this.#keepRecording?.(sessionId, recording)
  }
}
