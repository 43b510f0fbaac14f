import type { LaneHandlers } from '../../conversation/contract/lane.ts'
import type { MediaDoor, MediaDoorContext, MediaGrant } from '../../conversation/contract/media-door.ts'
import type { MediaTickets } from '../../conversation/return/media-tickets.ts'
import { BrowserGatewayError } from './contract/gateway-error.ts'
import { PeerLane } from './viewer/peer-lane.ts'
import { PlainTexts } from './viewer/plain-texts.ts'
import { SessionPath } from '../../viewer/session-path.ts'
import type { ViewerContext } from './viewer/viewer-context.ts'
import { WebMediaLane } from './web-media/web-media-lane.ts'

export interface BrowserMediaOptions extends MediaDoorContext {
  readonly context: ViewerContext
  readonly tickets: MediaTickets<MediaGrant>
  /** The client knows only seed 003: it takes candidates in the answer alone, and opens channels itself. */
  readonly isPlain: boolean
}

/** The media of one browser: by a peer connection, or by a socket through the web port. */
export class BrowserMedia implements MediaDoor {
  readonly givesTickets = true
  readonly isNative = false
  readonly handlers: LaneHandlers<'offer' | 'candidate' | 'limit' | 'web-media'>
  readonly #peer: PeerLane
  readonly #webMedia: WebMediaLane

  constructor(options: BrowserMediaOptions) {
    const { context, session, fault } = options
    const path = new SessionPath({ observe: (fact) => session().observe({ ...fact, gateway: context.gateway }) })
    const texts = new PlainTexts({ ...context, session })
    this.#webMedia = new WebMediaLane({ ...options, path })
    this.#peer = new PeerLane({ ...options, path, onText: (text) => texts.receive(text) })
    this.handlers = {
      offer: ({ signal }) => faultingOnNonsense(fault, () => this.#peer.answer(signal.sdp)),
      candidate: ({ candidate }) => faultingOnNonsense(fault, () => this.#peer.candidate(candidate)),
      limit: ({ bitrateBps }) => {
        this.#webMedia.limit(bitrateBps)
        this.#peer.limit(bitrateBps)
      },
      'web-media': (wish) => this.#webMedia.ask(wish),
    }
  }

  /** Those that show the session now: two while it moves from one path to the other. */
  get viewers(): readonly { readonly open: boolean; readonly targetBps: number }[] {
    return [this.#peer.viewer, this.#webMedia.viewer].filter((viewer) => viewer !== undefined)
  }

  async close(reason: string): Promise<void> {
    await Promise.all([this.#peer.close(reason), this.#webMedia.close(reason)])
  }
}

/** What no browser writes breaks the protocol; anything else that cannot be done is only refused. */
function faultingOnNonsense(fault: MediaDoorContext['fault'], act: () => void): void {
  try {
    act()
  } catch (error) {
    const isNonsense =
      error instanceof BrowserGatewayError && (error.code === 'sdp-malformed' || error.code === 'sdp-too-large')
    if (!isNonsense) throw error
    fault(error.code, error.message)
  }
}
