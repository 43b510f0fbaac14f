import type { LaneHandlers } from '../../conversation/contract/lane.ts'
import type { MediaDoor, MediaDoorContext } from '../../conversation/contract/media-door.ts'
import type { ViewerProcess } from '../../viewer/open-viewer-process.ts'
import { SessionPath } from '../../viewer/session-path.ts'
import { SessionViewer, type SessionViewerOptions, type ViewerWish } from '../../viewer/session-viewer.ts'
import { statsMessage } from '../../viewer/stats-message.ts'
import { keysChannel, pointerChannel } from '../../wire/input/channels.ts'
import { NativeGatewayError } from './native-gateway-error.ts'

export interface NativeMediaOptions extends MediaDoorContext {
  readonly context: SessionViewerOptions['context']
  readonly viewerProcess: Pick<ViewerProcess, 'open'>
  /** The channel that the conversation is on, by its number in the process. */
  readonly channel: number
  readonly newTicket: () => string
}

/**
 * The media of a client of the native transport: on the channel that its conversation is on. The client asks for them as for a media socket of the
 * web port (`web-media`), and needs no ticket, since the channel has proved who it is: pictures follow the answer.
 */
export class NativeMedia implements MediaDoor {
  readonly givesTickets = true
  readonly isNative = true
  readonly handlers: LaneHandlers<'offer' | 'candidate' | 'limit' | 'web-media'>
  readonly #options: NativeMediaOptions
  readonly #path: SessionPath
  #viewer: SessionViewer | undefined
  #limitBps = 0

  constructor(options: NativeMediaOptions) {
    const { session, context } = options
    this.#options = options
    this.#path = new SessionPath({ observe: (fact) => session().observe({ ...fact, gateway: context.gateway }) })
    this.handlers = {
      offer: () => {
        throw new NativeGatewayError('not-supported', 'A channel carries media itself: ask for web-media')
      },
      candidate: () => {},
      limit: ({ bitrateBps }) => {
        this.#limitBps = bitrateBps
        this.#viewer?.limit(bitrateBps)
      },
      'web-media': (wish) => this.#open(wish),
    }
  }

  /** The one that shows the session now. */
  get viewer(): SessionViewer | undefined {
    return this.#viewer
  }

  async close(reason: string): Promise<void> {
    await this.#viewer?.close(reason)
  }

  async #open({ codecs, audio }: ViewerWish): Promise<void> {
    const { context, session, say, fault, viewerProcess, channel, newTicket } = this.#options
    await this.#viewer?.close('it was asked for anew')
    const request = {
      memberId: session().member.id,
      wire: { kind: 'native' as const, channel, codecs, audio },
      limitBps: this.#limitBps,
    }
    const viewer = new SessionViewer({
      context,
      session: session(),
      wish: { codecs, audio },
      showsPointers: true,
      path: this.#path,
      refuse: (code, message) => say({ type: 'error', code, message }),
      fault,
      onStatistics: (statistics, rendition) => say(statsMessage(statistics, rendition, this.#path)),
      open: (events, intake) =>
        viewerProcess.open(request, {
          ...events,
          input: (id, message) => intake.input(id === pointerChannel.id ? pointerChannel : keysChannel, message),
          voice: (unit) => intake.voice(unit),
          fault,
        }),
    })
    this.#viewer = viewer
    void viewer.closed.then(() => {
      if (this.#viewer === viewer) this.#viewer = undefined
    })
    say({ type: 'web-media-ticket', ticket: newTicket() })
  }
}
