import type { Ssrcs } from '../../../viewer/link/viewer-streams.ts'
import type { RemoteViewer } from '../../../viewer/remote-viewer.ts'
import { SessionViewer } from '../../../viewer/session-viewer.ts'
import { statsMessage } from '../../../viewer/stats-message.ts'
import { ViewerError } from '../../../viewer/contract/viewer-error.ts'
import { maxDataMessageBytes, maxTextBytes, type PeerTransport } from '../../../viewer/webrtc/peer-offer.ts'
import { keysChannel, pointerChannel } from '../../../wire/input/channels.ts'
import { answerForBrowser } from '../sdp/answer-for-browser.ts'
import { Answering } from '../sdp/answering.ts'
import { streamsOf, type BrowserOffer } from '../sdp/browser-offer.ts'
import { readCandidate } from '../sdp/remote-candidate.ts'
import type { LaneOptions } from './viewer-context.ts'

export interface BrowserViewerOptions extends Omit<LaneOptions, 'session'> {
  readonly session: ReturnType<LaneOptions['session']>
  readonly offer: BrowserOffer
  /** The most that the viewer wants, 0 for no limit of its own. */
  readonly limitBps: number
  /** The client takes candidates in the answer and nowhere else. */
  readonly candidatesInAnswer: boolean
  /** The client has the channels of input, negotiated out of band. */
  readonly hasInputChannels: boolean
  /** Takes a text on a channel that the client has opened itself. */
  readonly onText: (text: string) => void
}

/** The server's half of a viewer by WebRTC; the peer connection is in the viewer process. */
export interface BrowserViewer {
  readonly viewer: SessionViewer
  /** Throws BrowserGatewayError `sdp-malformed`. */
  candidate(candidate: string): void
  /** Answers another offer on the connection that stands; false when it is for another one. */
  renegotiate(offer: BrowserOffer): boolean
}

/** Answers an offer. Throws ViewerError `suspected` or `shut-out` when it is not to be answered. */
export function openBrowserViewer(options: BrowserViewerOptions): BrowserViewer {
  const { context, hasInputChannels, session, say } = options
  const { clock, random32, viewerProcess } = context
  const ssrcs: Ssrcs = { video: random32(), audio: random32() }
  let { offer } = options
  let transport: PeerTransport | undefined
  let answers = 0
  const mid = offer.sections.find(({ use }) => use !== 'none')?.mid ?? '0'
  const answering = new Answering({
    clock,
    withCandidates: options.candidatesInAnswer,
    answer: (sdp) => say({ type: 'signal', signal: { type: 'answer', sdp } }),
    candidate: (candidate) => say({ type: 'candidate', candidate, sdpMid: mid }),
  })
  const answer = (to: PeerTransport) => {
    const maxMessageBytes = hasInputChannels ? maxDataMessageBytes : maxTextBytes
    return answerForBrowser(offer, { transport: to, ssrcs, version: ++answers, maxMessageBytes })
  }
  let remote: RemoteViewer | undefined
  const viewer = new SessionViewer({
    ...options,
    wish: wishOf(offer),
    showsPointers: hasInputChannels,
    refuse: (code, message) => say({ type: 'error', code, message }),
    onStatistics: (statistics, rendition) => say(statsMessage(statistics, rendition, options.path)),
    open(events, intake) {
      const request = {
        memberId: session.member.id,
        wire: {
          kind: 'webrtc' as const,
          offer: {
            ice: offer.ice,
            fingerprint: offer.fingerprint,
            setup: offer.setup,
            sctpPort: offer.data?.sctpPort,
            inputChannels: hasInputChannels,
            candidates: offer.candidates,
          },
          streams: streamsOf(offer, ssrcs),
        },
        limitBps: options.limitBps,
      }
      remote = viewerProcess.open(request, {
        ...events,
        described(found) {
          transport = found
          answering.answer(answer(found))
        },
        localCandidate: (candidate) => answering.candidate(candidate),
        gathered: () => answering.gathered(),
        input: (id, message) => intake.input(id === pointerChannel.id ? pointerChannel : keysChannel, message),
        voice: (unit) => intake.voice(unit),
        text: (text) => options.onText(text),
        fault: (code, message) => onFault(code, message),
      })
      return remote
    },
  })
  /** What no client sends is an offence, and the connection that it came by ends; the rest is for the conversation. */
  const onFault = (code: string, message: string) => {
    if (code !== 'malformed-control') return options.fault(code, message)
    session.observe({ kind: 'fault', code, message, gateway: context.gateway })
    context.log.warn('A viewer sent what no client sends', { sessionId: session.id, memberId: session.member.id, code })
    void viewer.fail(new ViewerError('peer-failed', message))
    viewerProcess.offence(session.member.id)
  }
  void viewer.closed.then(() => answering.close())

  return {
    viewer,
    candidate(candidate) {
      const read = readCandidate(candidate)
      if (read.kind === 'usable') remote?.candidate(read.line)
    },
    renegotiate(next) {
      // RFC 8829, section 5.2.2: the same credentials belong to the same transport.
      if (!transport || viewer.ended || next.ice.ufrag !== offer.ice.ufrag) return false
      offer = next
      remote?.configure(streamsOf(next, ssrcs))
      viewer.wants(wishOf(next))
      say({ type: 'signal', signal: { type: 'answer', sdp: answer(transport) } })
      return true
    },
  }
}

/** What of a session an offer wants to see and hear. */
function wishOf({ audio, video }: BrowserOffer) {
  return { codecs: video?.isSeen ? [...video.formats.keys()] : [], audio: audio?.isHeard === true }
}
