import type { Host } from '../../host/contract/host.ts'
import type { SessionPlace, StreamSession } from '../../host/contract/stream-session.ts'
import type { Unsubscribe } from '../../kernel/readable.ts'
import type { Place } from '../../wire/signal/messages.ts'
import type { Lane, LaneHandlers, Speech } from '../contract/lane.ts'
import { defaultLobby } from './default-lobby.ts'

export interface PlaceLaneOptions {
  readonly host: Host
  readonly speech: Speech
  /** Tells the client what could not be done. */
  readonly refuse: (error: unknown) => void
}

/** Where the session is, and where its client wants it to be. */
export class PlaceLane implements Lane {
  readonly handlers: LaneHandlers<'join' | 'lead' | 'leave'> = {
    join: ({ lobbyId }) => this.#go((session) => session.join(lobbyId)),
    lead: () => this.lead(),
    leave: () => this.#go((session) => session.leave()),
  }
  readonly #options: PlaceLaneOptions
  #session: StreamSession | undefined
  /** The client has said nothing yet of where it wants to be. */
  #isExpectingLobby = true

  constructor(options: PlaceLaneOptions) {
    this.#options = options
  }

  follow(session: StreamSession): Unsubscribe {
    const tell = (place: SessionPlace) => this.#options.speech.say({ type: 'place', place: toWire(place) })
    this.#session = session
    const unsubscribe = session.place.subscribe(tell)
    tell(session.place.value)
    return unsubscribe
  }

  close(): void {
    this.#session = undefined
  }

  /** Whoever wants to be led, or media, and has not said to where, gets a lobby (seed 003). */
  lead(): void {
    if (!this.#isExpectingLobby || !this.#session) return
    this.#isExpectingLobby = false
    const lobbyId = defaultLobby(this.#options.host, this.#session.member)
    if (lobbyId !== undefined) this.#go((session) => session.join(lobbyId))
  }

  /** The client came back to a session: it is where it wants to be. */
  stay(): void {
    this.#isExpectingLobby = false
  }

  /** Not awaited: whoever waits for a lobby can still say other things. */
  #go(move: (session: StreamSession) => Promise<void>): void {
    this.#isExpectingLobby = false
    if (this.#session) move(this.#session).catch((error: unknown) => this.#options.refuse(error))
  }
}

function toWire(place: SessionPlace): Place {
  const sent = place.sent && { sent: place.sent }
  if (place.kind === 'lobby') return { kind: 'lobby', lobbyId: place.lobbyId, ...sent }
  const { lobbyId, reason } = place
  return { kind: 'waiting-room', reason, ...(lobbyId === undefined ? {} : { lobbyId }), ...sent }
}
