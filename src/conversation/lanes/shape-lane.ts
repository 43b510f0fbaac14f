import type { ShapeOffer } from '../../domain/picture-shape.ts'
import type { StreamSession } from '../../host/contract/stream-session.ts'
import type { Clock } from '../../kernel/clock.ts'
import { TokenBucket } from '../../kernel/token-bucket.ts'
import type { ServerMessage } from '../../wire/signal/messages.ts'
import type { LaneHandlers, Speech } from '../contract/lane.ts'

const tooOften = 'Cannot change the picture so often: wait a little'

/** Each change of shape may cost an encoder that is opened and a key picture. */
const changeLimit = { perSecond: 1, burst: 6 }

type ShapeMessage = Extract<ServerMessage, { type: 'shape' }>

/** Takes the shape of picture that a client asks for, and tells what becomes of it. */
export class ShapeLane {
  readonly handlers: LaneHandlers<'shape'>
  readonly #session: () => StreamSession

  constructor({ clock, speech, session }: { clock: Clock; speech: Speech; session: () => StreamSession }) {
    const changes = new TokenBucket({ ...changeLimit, nowMs: clock.nowMs() })
    this.#session = session
    this.handlers = {
      // Every wish is answered; one too many changes nothing.
      shape: ({ shape }) => {
        const { picture } = session()
        if (changes.take(clock.nowMs())) picture.setShape(shape ?? undefined)
        else speech.say({ type: 'error', code: 'too-many-requests', message: tooOften })
        speech.say({ type: 'shape', ...wireOffer(picture.shape.value) })
      },
    }
  }

  /** The host's figures, with what becomes of the shape. */
  inStats(stats: Extract<ServerMessage, { type: 'stats' }>): ServerMessage {
    const { value } = this.#session().picture.shape
    return value ? { ...stats, shape: wireOffer(value) } : stats
  }
}

function wireOffer(offer: ShapeOffer | undefined): Omit<ShapeMessage, 'type'> {
  const { asked = null, given = null, reason } = offer ?? {}
  return { asked, given, ...(reason === undefined ? {} : { reason }) }
}
