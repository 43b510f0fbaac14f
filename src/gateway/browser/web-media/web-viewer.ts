import type { WebSocket } from 'ws'
import { nearEnd } from '../../../viewer/sending-end.ts'
import { SessionViewer, type ViewerWish } from '../../../viewer/session-viewer.ts'
import { Viewer } from '../../../viewer/viewer.ts'
import { openWebPortWire, type WebMediaEnds } from '../../../viewer/web-port/wire.ts'
import { statsMessage, type LaneOptions } from '../viewer/viewer-context.ts'

export interface WebViewerOptions extends Omit<LaneOptions, 'session'> {
  readonly session: ReturnType<LaneOptions['session']>
  readonly socket: WebSocket
  readonly ends: WebMediaEnds
  readonly wish: ViewerWish
  /** The most that the viewer wants, 0 for no limit of its own. */
  readonly limitBps: number
}

/** A viewer through the web port. It ends by `close()`, or when the client is gone. */
export function openWebViewer(options: WebViewerOptions): SessionViewer {
  const { context, ends, fault, limitBps, say, socket, wish } = options
  return new SessionViewer({
    ...options,
    showsPointers: true,
    refuse: (code, message) => say({ type: 'error', code, message }),
    isPassedOn: () => false,
    onStatistics: (statistics, rendition) => say(statsMessage(statistics, rendition)),
    open(events, intake) {
      const viewer = new Viewer({
        house: context,
        limitBps,
        events,
        openWire: (wireEvents) =>
          openWebPortWire({ ...context, ...wish, ...intake, socket, ends, fault, events: wireEvents }),
      })
      return nearEnd(viewer, context.pointers)
    },
  })
}
