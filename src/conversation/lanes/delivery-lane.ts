import { HostError } from '../../host/contract/host-error.ts'
import type { StreamSession } from '../../host/contract/stream-session.ts'
import { sleep, type Clock } from '../../kernel/clock.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import type { Log } from '../../kernel/log.ts'
import type { Unsubscribe } from '../../kernel/readable.ts'
import {
  maxBacklogCharacters,
  maxBacklogTexts,
  type DeliveredMessage,
  type DeliverMessage,
} from '../../wire/signal/deliveries.ts'
import type { LobbyText } from '../../domain/delivery.ts'
import { TokenBucket } from '../../kernel/token-bucket.ts'
import type { Lane, LaneHandlers, Speech } from '../contract/lane.ts'

export interface DeliveryLaneOptions {
  readonly clock: Clock
  readonly log: Log
  readonly session: () => StreamSession
  readonly speech: Speech
}

/** Whoever comes back with a lot is done with it soon; whoever never stops is slowed down. */
const pace = { perSecond: 10, burst: 128 }
const paceCheckMs = 100

/** What a client hands over of its outbox, and what is said in its lobby, for one conversation. */
export class DeliveryLane implements Lane {
  readonly handlers: LaneHandlers<'deliver'> = { deliver: (message) => void this.deliver(message) }
  readonly #options: DeliveryLaneOptions
  readonly #bucket: TokenBucket
  readonly #ending = new AbortController()

  constructor(options: DeliveryLaneOptions) {
    this.#options = options
    this.#bucket = new TokenBucket({ ...pace, nowMs: options.clock.nowMs() })
  }

  /** Has it done, and answers. It never rejects, and is not to be waited for: an app may have to start first. */
  async deliver({ outbox, deliveries }: DeliverMessage): Promise<void> {
    const { session, speech, log } = this.#options
    try {
      await this.#slowDown(deliveries.length)
      const { through, refused } = await session().deliver(outbox, deliveries)
      speech.say({ type: 'delivered', through, refused: [...refused] })
    } catch (error) {
      // The session ends, and the connection with it: what is not done is brought again.
      if (this.#ending.signal.aborted || error instanceof HostError) return
      log.error('Deliveries failed', { sessionId: session().id, error })
      speech.say({ type: 'delivered', ...allRefused(deliveries, messageOf(error)) })
    }
  }

  /** Tells what is said in the session's lobby. */
  follow(session: StreamSession): Unsubscribe {
    return session.followTexts((lobbyId, texts) => {
      this.#options.speech.say({ type: 'texts', lobbyId, texts: lastOf(texts) })
    })
  }

  close(): void {
    this.#ending.abort()
  }

  async #slowDown(count: number): Promise<void> {
    const { clock } = this.#options
    for (let taken = 0; taken < count;) {
      if (this.#bucket.take(clock.nowMs())) taken++
      else await sleep(clock, paceCheckMs, this.#ending.signal)
    }
  }
}

function allRefused(deliveries: DeliverMessage['deliveries'], message: string): Omit<DeliveredMessage, 'type'> {
  const refused = deliveries.map(({ sequence }) => ({ sequence, code: 'internal', message }))
  return { through: deliveries.at(-1)?.sequence ?? 1, refused }
}

/** As many of the last ones as a message takes. */
function lastOf(texts: readonly LobbyText[]): LobbyText[] {
  let characters = 0
  const last = texts.slice(-maxBacklogTexts).toReversed()
  const fits = last.findIndex((text) => (characters += JSON.stringify(text).length) > maxBacklogCharacters)
  return (fits < 0 ? last : last.slice(0, fits)).toReversed()
}
