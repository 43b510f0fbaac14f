import type { ArrivalReport } from '../../net/congestion/arrival-report.ts'
import type { Intake } from '../../viewer/session-viewer.ts'
import type { WireEvents } from '../../viewer/contract/viewer-wire.ts'
import type { InputChannel } from '../../wire/input/channels.ts'
import type { VoiceUnit } from '../../media/contract/voice.ts'

/** What the other end of a memory wire says. */
export type MemoryAnswer =
  /** It is there. */
  | { readonly type: 'hello' }
  | { readonly type: 'ping' }
  | { readonly type: 'arrivals'; readonly report: ArrivalReport }
  | { readonly type: 'losses'; readonly share: number }
  | { readonly type: 'missing'; readonly numbers: readonly number[] }
  | { readonly type: 'picture-lost' }
  | { readonly type: 'input'; readonly channel: InputChannel; readonly message: Uint8Array }
  | { readonly type: 'voice'; readonly unit: VoiceUnit }

/** As answers are on other wires, about. */
export const answerBytes = 80

/** Tells the viewer, or the session, what an answer says. */
export function readAnswer(answer: MemoryAnswer, events: WireEvents, intake: Intake): void {
  if (answer.type === 'hello') events.opened()
  events.heard()
  switch (answer.type) {
    case 'hello':
    case 'ping':
      return
    case 'arrivals':
      return events.arrivals(answer.report)
    case 'losses':
      return events.losses(answer.share)
    case 'missing':
      return events.missing(answer.numbers)
    case 'picture-lost':
      return events.pictureLost()
    case 'input':
      return intake.input(answer.channel, answer.message)
    case 'voice':
      return intake.voice(answer.unit)
  }
}
