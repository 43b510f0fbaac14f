import type { Unsubscribe } from '../../kernel/readable.ts'
import type { HostedLobby } from '../lobby/hosted-lobby.ts'
import type { TextsListener } from '../contract/stream-session.ts'

interface Follower<Listener> {
  readonly listener: Listener
  /** Ends it in the lobby that is followed now. */
  stop: Unsubscribe
}

/** Listeners to something that every lobby has. They go with their session from one lobby to the next. */
export class LobbyFollowing<Listener> {
  readonly #follow: (lobby: HostedLobby, listener: Listener) => Unsubscribe
  readonly #followers = new Set<Follower<Listener>>()
  #lobby: HostedLobby | undefined

  constructor(follow: (lobby: HostedLobby, listener: Listener) => Unsubscribe) {
    this.#follow = follow
  }

  add(listener: Listener): Unsubscribe {
    const follower: Follower<Listener> = { listener, stop: () => {} }
    this.#followers.add(follower)
    this.#turn(follower)
    return () => {
      follower.stop()
      this.#followers.delete(follower)
    }
  }

  /** Follows this lobby from now on, or none. */
  enter(lobby: HostedLobby | undefined): void {
    this.#lobby = lobby
    for (const follower of this.#followers) this.#turn(follower)
  }

  /** Nobody is told anything any more. */
  close(): void {
    this.enter(undefined)
    this.#followers.clear()
  }

  #turn(follower: Follower<Listener>): void {
    follower.stop()
    follower.stop = this.#lobby ? this.#follow(this.#lobby, follower.listener) : () => {}
  }
}

/** Tells what was said last, and then what is said. */
export function followTexts({ id, texts }: HostedLobby, listener: TextsListener): Unsubscribe {
  return texts.follow((said) => listener(id, said))
}
