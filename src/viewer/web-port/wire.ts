import type { VideoCodec } from '../../domain/video-codec.ts'
import type { Clock } from '../../kernel/clock.ts'
import { planConversation } from '../../kernel/monitor/conversation.ts'
import type { Pipe, PipeEnds } from '../../kernel/pipe.ts'
import type { Handlers } from '../../kernel/monitor/typed-conversation.ts'
import { TokenBucket } from '../../kernel/token-bucket.ts'
import type { VoiceUnit } from '../../media/contract/voice.ts'
import { keysChannel, pointerChannel, type InputChannel } from '../../wire/input/channels.ts'
import { webMedia } from '../../wire/web-media/protocol.ts'
import { webMediaCloseCode } from '../../wire/web-media/subprotocol.ts'
import type { GatewayCounters } from '../contract/gateway-counters.ts'
import type { SilenceRule, ViewerWire, WireEvents } from '../contract/viewer-wire.ts'
import { ViewerError } from '../contract/viewer-error.ts'
import { MessagesOnTheWay } from './answers.ts'
import { MediaSocket } from './media-socket.ts'
import { padding, type MediaMessage, type MediaMessages } from './packets.ts'

export interface WebPortWireOptions {
  readonly pipe: Pipe
  readonly ends: PipeEnds
  /** What the client can decode, best first. */
  readonly codecs: readonly VideoCodec[]
  readonly audio: boolean
  readonly messages: MediaMessages
  readonly counters: GatewayCounters
  readonly clock: Clock
  readonly nowUs: () => number
  readonly events: WireEvents
  readonly input: (channel: InputChannel, message: Uint8Array) => void
  readonly voice: (unit: VoiceUnit) => void
  /** The client broke the protocol. */
  readonly fault: (code: string, message: string) => void
}

const plan = planConversation(webMedia, 'host')
/** A client acknowledges many times a second what it gets; one that does not is gone. */
const silence: SilenceRule = { openWithinMs: 8000, answerWithinMs: 8000, limitMs: 8000, outcome: 'end' }
/** A decoder that cannot go on asks again and again, and is answered by the producer's own limits. */
const keyRequestsPerSecond = 20
const receiptsPerSecond = 200
const expectedSoundBps = 145_000
/** What may be on the way beyond the round trip, as time at the target: the client's acknowledgements come in bunches. */
const slackMs = 120
const leastWindowBytes = 32 * 1024

/**
 * The messages of one media socket. What is on the way is bounded by what the path carries in about a round trip, by the client's word
 * and not by the kernel's buffers: so nothing that is sent stands behind more than that, and what has to wait waits at this end, where it
 * can still be dropped.
 */
export function openWebPortWire(options: WebPortWireOptions): ViewerWire<MediaMessage> {
  const { audio, clock, counters, events, fault, input, messages, nowUs, voice } = options
  const codecs = new Set(options.codecs)
  const onTheWay = new MessagesOnTheWay(events)
  const bucket = (perSecond: number) => new TokenBucket({ perSecond, burst: perSecond, nowMs: nowUs() / 1000 })
  const receiptLimit = bucket(receiptsPerSecond)
  const keyLimit = bucket(keyRequestsPerSecond)
  const handlers: Handlers<typeof webMedia, 'host'> = {
    receipt({ arrivalsUs }) {
      if (!receiptLimit.take(nowUs() / 1000)) return fault('flood', 'Receipts came too fast')
      if (!onTheWay.onReceipt(arrivalsUs, nowUs())) return fault('malformed', 'A receipt of what was not sent')
      events.heard()
    },
    'want-key'() {
      if (!keyLimit.take(nowUs() / 1000)) return fault('flood', 'Key pictures were asked for too often')
      events.pictureLost()
    },
    keys: ({ data }) => input(keysChannel, data),
    pointer: ({ data }) => input(pointerChannel, data),
    voice,
  }
  const lost = () => new ViewerError('peer-failed', 'The media socket was closed')
  const gone = (code: number | undefined) => events.gone(code === webMediaCloseCode.moved ? undefined : lost())
  const socket = new MediaSocket(options.pipe, { clock, plan, events: { handlers, fault, gone } })
  // What is sent from the first moment on is received by whoever has opened the socket.
  queueMicrotask(() => events.opened())

  return {
    repair: 'none',
    silence,
    expectedSoundBps: audio ? expectedSoundBps : 0,
    rateKnownBy: 'arrivals',
    get isOwed() {
      return onTheWay.count > 0
    },
    padding,
    takes: (codec) => codecs.has(codec),
    takesSound: audio,
    picturePackets: (unit) => messages.picture(unit),
    soundPacket: (unit) => messages.sound(unit),
    pointersPacket: (encoded) => messages.pointers(encoded),
    markPicture: () => 0,
    markSound: () => 0,
    send({ packet }, atUs) {
      if (!socket.send(packet)) return 0
      onTheWay.onSent(packet.bytes, atUs)
      counters.webBytesSent += packet.bytes
      return packet.bytes
    },
    isReported: () => true,
    hasRoom({ targetBps, roundTripMs }) {
      const windowBytes = Math.max(leastWindowBytes, (targetBps / 8000) * (roundTripMs + slackMs))
      return onTheWay.bytes < windowBytes && !onTheWay.isFull
    },
    path: () => ({ path: 'web-port', ...options.ends }),
    tick() {},
    async close(end) {
      if (end.kind === 'error') socket.close(undefined, '')
      else if (end.reason === 'fault') socket.close(webMediaCloseCode.protocolViolation, 'See the signalling')
      else socket.close(webMediaCloseCode.ended, end.reason)
      await socket.closed
    },
  }
}
