import type { Pipe, PipeEnds } from '../../../kernel/pipe.ts'
import { nearEnd } from '../../../viewer/sending-end.ts'
import { SessionViewer, type ViewerWish } from '../../../viewer/session-viewer.ts'
import { statsMessage } from '../../../viewer/stats-message.ts'
import { Viewer } from '../../../viewer/sending/viewer.ts'
import { openWebPortWire } from '../../../viewer/web-port/wire.ts'
import type { LaneOptions } from '../viewer/viewer-context.ts'

export interface WebViewerOptions extends Omit<LaneOptions, 'session'> {
  readonly session: ReturnType<LaneOptions['session']>
  readonly pipe: Pipe
  readonly ends: PipeEnds
  readonly wish: ViewerWish
  /** The most that the viewer wants, 0 for no limit of its own. */
  readonly limitBps: number
}

/** A viewer through the web port. It ends by `close()`, or when the client is gone. */
export function openWebViewer(options: WebViewerOptions): SessionViewer {
  const { context, ends, fault, limitBps, pipe, say, wish } = options
  return new SessionViewer({
    ...options,
    showsPointers: true,
    refuse: (code, message) => say({ type: 'error', code, message }),
    onStatistics: (statistics, rendition) => say(statsMessage(statistics, rendition, options.path)),
    open(events, intake) {
      const viewer = new Viewer({
        parts: context,
        limitBps,
        events,
        openWire: (wireEvents) =>
          openWebPortWire({ ...context, ...wish, ...intake, pipe, ends, fault, events: wireEvents }),
      })
      return nearEnd(viewer, context.pointers)
    },
  })
}
