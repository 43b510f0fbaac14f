import type { StreamSession } from '../../host/contract/stream-session.ts'
import type { End } from '../../kernel/ending.ts'
import type { Unsubscribe } from '../../kernel/readable.ts'
import type { Lane } from '../contract/lane.ts'

/** The session that a conversation is about: its lanes follow it, and whichever takes its place. */
export class FollowedSession {
  readonly #lanes: readonly Lane[]
  readonly #onEnd: (end: End) => void
  #session: StreamSession
  #stopFollowing: Unsubscribe = () => {}

  constructor(session: StreamSession, options: { lanes: readonly Lane[]; onEnd: (end: End) => void }) {
    this.#session = session
    this.#lanes = options.lanes
    this.#onEnd = options.onEnd
  }

  get now(): StreamSession {
    return this.#session
  }

  /** Tells of it, and of its end. */
  follow(): void {
    const session = this.#session
    const unsubscribes = this.#lanes.map((lane) => lane.follow(session))
    let follows = true
    this.#stopFollowing = () => {
      follows = false
      for (const unsubscribe of unsubscribes) unsubscribe()
    }
    void session.closed.then((end) => {
      if (follows) this.#onEnd(end)
    })
  }

  /** Tells nothing of it any more, not even its end. Idempotent. */
  letGo(): void {
    this.#stopFollowing()
    this.#stopFollowing = () => {}
  }

  /** From now on the conversation is about this one, which is to be followed. */
  use(session: StreamSession): void {
    this.#session = session
  }
}
