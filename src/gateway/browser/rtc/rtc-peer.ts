import { Audio, type DataChannel, PeerConnection, Video, type IceServer, type Track } from 'node-datachannel'
import type { Clock } from '../../../kernel/clock.ts'
import { messageOf } from '../../../kernel/coded-error.ts'
import { Ending, type Closable } from '../../../kernel/ending.ts'
import { keysChannel, pointerChannel, type InputChannel } from '../../../wire/input/channels.ts'
import { isRtcp } from '../../../wire/rtp/rtp-header.ts'
import { transportSequenceUri } from '../../../wire/rtp/transport-feedback.ts'
import { BrowserGatewayError } from '../gateway-error.ts'
import type { BrowserOffer, OfferedAudio, OfferedVideo } from '../sdp/browser-offer.ts'
import { offerForPeer } from '../sdp/offer-for-peer.ts'
import { Answering } from './answering.ts'
import { NativeParts } from './native-parts.ts'

/** What all peer connections of a gateway share. */
export interface RtcPeerConfig {
  readonly iceServers: readonly IceServer[]
  readonly udp: { readonly port: number; readonly bindAddress: string | undefined }
  readonly clock: Clock
}

/** What a peer connection has to say. None of it is called after the peer's end has begun. */
export interface RtcPeerEvents {
  /** The answer; local candidates follow it, unless they are in it. */
  answer(sdp: string): void
  localCandidate(candidate: string, mid: string): void
  /** Pictures and sound can be sent from now. */
  mediaOpen(): void
  /** RTCP, maybe compound, that names this stream. What names both streams comes once for each. */
  control(bytes: Uint8Array, stream: 'video' | 'audio'): void
  /** RTP of the microphone. */
  voice(bytes: Uint8Array): void
  /** RTCP of any stream, or a voice: the other end is there. */
  heard(): void
  input(channel: InputChannel, message: Uint8Array | string): void
  /** Something threw while the library called; what it was is lost. */
  failed(error: unknown): void
}

/**
 * One peer connection that answers a browser's offer with raw RTP. It ends by `close()`, or with an error when the
 * other end is gone.
 */
export interface RtcPeer extends Closable {
  readonly videoSsrc: number
  readonly audioSsrc: number
  /** Sends RTP or RTCP; the bytes are copied before it returns. False when there is no transport (any more). */
  sendVideo(bytes: Uint8Array): boolean
  sendAudio(bytes: Uint8Array): boolean
  /** Sends on the pointer channel, or not where it is closed or behind: what comes next is newer anyway. */
  sendPointers(bytes: Uint8Array): void
  /** A candidate as `readCandidate` gives it; one that the library cannot use is dropped. */
  addCandidate(line: string, mid: string): void
  /** How the two ends reach each other; undefined before they do. */
  path(): RtcPath | undefined
}

export interface RtcPath {
  readonly path: 'direct' | 'relayed'
  /** Kind and address, for instance `host 127.0.0.1:9700`. */
  readonly local: string
  readonly remote: string
}

/** What waits longer than one message is not worth sending. */
const maxPointersBacklogBytes = 1024

/** Throws BrowserGatewayError `peer-failed` when the library refuses the offer. */
export function openRtcPeer(options: {
  config: RtcPeerConfig
  offer: BrowserOffer
  ssrcs: { video: number; audio: number }
  /** The browser takes candidates there and nowhere else; false when left out. */
  candidatesInAnswer?: boolean
  events: RtcPeerEvents
}): RtcPeer {
  const { config, offer, ssrcs, events } = options
  const connection = openConnection(config)
  const parts = new NativeParts(connection, {
    clock: config.clock,
    onLost: (found) => void ending.fail(new BrowserGatewayError('peer-failed', `The peer connection ended: ${found}`)),
  })
  const answering = new Answering({
    clock: config.clock,
    withCandidates: options.candidatesInAnswer ?? false,
    answer: (sdp) => events.answer(sdp),
    candidate: (candidate, mid) => events.localCandidate(candidate, mid),
  })
  const ending = new Ending(() => {
    answering.close()
    return parts.end()
  })
  const guarded = <Arguments extends unknown[]>(call: (...values: Arguments) => void) =>
    parts.guarded(call, (error) => events.failed(error))

  connection.onLocalCandidate(guarded((line, mid) => answering.candidate(line.replace(/^a=/, ''), mid)))
  connection.onGatheringStateChange(guarded((state) => state === 'complete' && answering.gathered()))
  connection.onLocalDescription(guarded((sdp, type) => type === 'answer' && answering.answer(sdp)))
  const video = parts.keep(connection.addTrack(describeVideo(offer, ssrcs.video)), 'video')
  video.onOpen(guarded(() => events.mediaOpen()))
  const audio = offer.audio && parts.keep(connection.addTrack(describeAudio(offer.audio, ssrcs.audio)), 'audio')
  const listen = (stream: 'video' | 'audio') =>
    guarded((bytes: Uint8Array) => {
      events.heard()
      if (isRtcp(bytes)) events.control(bytes, stream)
      else if (stream === 'audio') events.voice(bytes)
    })
  video.onMessage(listen('video'))
  audio?.onMessage(listen('audio'))
  const openChannel = (settings: InputChannel) => {
    const channel = parts.keep(connection.createDataChannel(settings.label, channelConfig(settings)), settings.label)
    channel.onMessage(
      guarded((message) => {
        events.input(settings, message instanceof ArrayBuffer ? new Uint8Array(message) : message)
      }),
    )
    return channel
  }
  let pointers: DataChannel | undefined
  try {
    // This also makes the answer: calling for it separately would end the process where it fails.
    connection.setRemoteDescription(offerForPeer(offer), 'offer')
    if (offer.data) {
      openChannel(keysChannel)
      pointers = openChannel(pointerChannel)
    }
    for (const line of offer.candidates) connection.addRemoteCandidate(line, offer.video.mid)
  } catch (error) {
    void ending.close('the offer was refused')
    throw new BrowserGatewayError('peer-failed', `Cannot answer the offer: ${messageOf(error)}`, { cause: error })
  }

  const send = (track: Track | undefined, bytes: Uint8Array): boolean => {
    if (!track || ending.begun) return false
    try {
      // The library takes any byte array; its declaration knows only Node's.
      return track.sendMessageBinary(bytes as Buffer)
    } catch {
      return false
    }
  }
  return {
    videoSsrc: ssrcs.video,
    audioSsrc: ssrcs.audio,
    sendVideo: (bytes) => send(video, bytes),
    sendAudio: (bytes) => send(audio, bytes),
    sendPointers(bytes) {
      if (ending.begun || !pointers?.isOpen() || pointers.bufferedAmount() > maxPointersBacklogBytes) return
      try {
        pointers.sendMessageBinary(bytes)
      } catch (error) {
        // The library's own thread may close the channel between the question and the sending.
        if (pointers.isOpen()) events.failed(error)
      }
    },
    addCandidate(line, mid) {
      if (ending.begun) return
      try {
        connection.addRemoteCandidate(line, mid)
      } catch (error) {
        events.failed(error)
      }
    },
    path: () => (ending.begun ? undefined : pathOf(connection)),
    closed: ending.closed,
    close: (reason) => ending.close(reason),
    [Symbol.asyncDispose]: () => ending.close(),
  }
}

function openConnection({ iceServers, udp }: RtcPeerConfig): PeerConnection {
  return new PeerConnection('viewer', {
    iceServers: [...iceServers],
    enableIceUdpMux: true,
    portRangeBegin: udp.port,
    portRangeEnd: udp.port,
    // A little more than the largest input message, so that one too large is seen as such.
    maxMessageSize: keysChannel.maxMessageBytes + 1024,
    ...(udp.bindAddress === undefined ? {} : { bindAddress: udp.bindAddress }),
  })
}

function describeVideo({ video }: BrowserOffer, ssrc: number): Video {
  const media = new Video(video.mid, 'SendOnly')
  for (const [codec, { payloadType, parameters }] of video.formats) {
    media.addVideoCodec(payloadType, codec.toUpperCase(), ...(parameters === '' ? [] : [parameters]))
    askForTransportFeedback(media, video, payloadType)
  }
  media.addSSRC(ssrc, 'porchlight', 'stream', 'video')
  return media
}

function describeAudio(audio: OfferedAudio, ssrc: number): Audio {
  const media = new Audio(audio.mid, audio.voice ? 'SendRecv' : 'SendOnly')
  media.addOpusCodec(audio.payloadType, audio.parameters)
  askForTransportFeedback(media, audio, audio.payloadType)
  media.addSSRC(ssrc, 'porchlight', 'stream', 'audio')
  return media
}

function askForTransportFeedback(media: Video | Audio, offered: OfferedVideo | OfferedAudio, payloadType: number) {
  if (offered.transportExtensionId === 0) return
  media.parseSdpLine(`a=rtcp-fb:${payloadType} transport-cc`)
  media.parseSdpLine(`a=extmap:${offered.transportExtensionId} ${transportSequenceUri}`)
}

function channelConfig({ id, ordered, maxRetransmits }: InputChannel) {
  return { negotiated: true, id, unordered: !ordered, ...(maxRetransmits === undefined ? {} : { maxRetransmits }) }
}

function pathOf(connection: PeerConnection): RtcPath | undefined {
  const pair = connection.getSelectedCandidatePair()
  if (!pair) return undefined
  const { local, remote } = pair
  return {
    path: local.type === 'relay' || remote.type === 'relay' ? 'relayed' : 'direct',
    local: `${local.type} ${local.address}:${local.port}`,
    remote: `${remote.type} ${remote.address}:${remote.port}`,
  }
}
