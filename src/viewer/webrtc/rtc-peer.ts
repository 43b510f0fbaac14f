import { type DataChannel, PeerConnection, Video, type IceServer } from 'node-datachannel'
import type { Clock } from '../../kernel/clock.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import { Ending, type Closable } from '../../kernel/ending.ts'
import { keysChannel, pointerChannel, type InputChannel } from '../../wire/input/channels.ts'
import { isRtcp } from '../../wire/rtp/rtp-header.ts'
import { ViewerError } from '../contract/viewer-error.ts'
import { NativeParts } from './native-parts.ts'
import {
  anyPayloadType,
  maxDataMessageBytes,
  maxTextBytes,
  mediaMid,
  peerOffer,
  peerTransport,
  type PeerOffer,
  type PeerTransport,
} from './peer-offer.ts'

/** What all peer connections of a process share. */
export interface RtcPeerConfig {
  readonly iceServers: readonly IceServer[]
  readonly udp: { readonly port: number; readonly bindAddress: string | undefined }
  readonly clock: Clock
}

/** What a peer connection has to say. None of it is called after the peer's end has begun. */
export interface RtcPeerEvents {
  /** What the answer has to tell. */
  described(transport: PeerTransport): void
  localCandidate(candidate: string): void
  /** There are no more candidates. */
  gathered(): void
  /** Packets can be sent from now. */
  mediaOpen(): void
  /** RTCP, maybe compound. */
  control(bytes: Uint8Array): void
  /** RTP of whichever stream. */
  media(bytes: Uint8Array): void
  input(channel: InputChannel, message: Uint8Array | string): void
  /** A text on a channel that the client has opened. */
  text(text: string): void
  /** Something threw while the library called; what it was is lost. */
  failed(error: unknown): void
}

/**
 * One peer connection that answers an offer, and carries raw RTP of any stream. It ends by `close()`, or with an error
 * when the other end is gone.
 */
export interface RtcPeer extends Closable {
  /** Sends RTP or RTCP; the bytes are copied before it returns. False when there is no transport (any more). */
  send(bytes: Uint8Array): boolean
  /** Sends on the pointer channel, or not where it is closed or behind: what comes next is newer anyway. */
  sendPointers(bytes: Uint8Array): void
  /** A candidate as `readCandidate` gives it; one that the library cannot use is dropped. */
  addCandidate(line: string): void
  /** How the two ends reach each other; undefined before they do. */
  path(): RtcPath | undefined
}

export interface RtcPath {
  readonly path: 'direct' | 'relayed'
  /** Kind and address, for instance `host 127.0.0.1:9700`. */
  readonly local: string
  readonly remote: string
}

/** Channels that a client may open itself, over all of its connection's time. */
const maxGuestChannels = 16

/** A client has as many candidates of all kinds. */
const maxRelays = 64

/** What waits longer than one message is not worth sending. */
const maxPointersBacklogBytes = 1024

/** Throws ViewerError `peer-failed` when the library refuses the offer. */
export function openRtcPeer(options: { config: RtcPeerConfig; offer: PeerOffer; events: RtcPeerEvents }): RtcPeer {
  const { config, offer, events } = options
  const connection = openConnection(config, offer)
  const parts = new NativeParts(connection, {
    clock: config.clock,
    onLost: (found) => void ending.fail(new ViewerError('peer-failed', `The peer connection ended: ${found}`)),
  })
  const ending = new Ending(() => parts.end())
  const guarded = <Arguments extends unknown[]>(call: (...values: Arguments) => void) =>
    parts.guarded(call, (error) => events.failed(error))

  connection.onLocalCandidate(guarded((line) => events.localCandidate(line.replace(/^a=/, ''))))
  connection.onGatheringStateChange(guarded((state) => state === 'complete' && events.gathered()))
  connection.onLocalDescription(guarded((sdp, type) => type === 'answer' && events.described(peerTransport(sdp))))
  const media = parts.keep(connection.addTrack(describeMedia()), 'media')
  media.onOpen(guarded(() => events.mediaOpen()))
  media.onMessage(
    guarded((bytes: Uint8Array) => {
      if (isRtcp(bytes)) events.control(bytes)
      else events.media(bytes)
    }),
  )
  const openChannel = (settings: InputChannel) => {
    const channel = parts.keep(connection.createDataChannel(settings.label, channelConfig(settings)), settings.label)
    channel.onMessage(
      guarded((message) => {
        events.input(settings, message instanceof ArrayBuffer ? new Uint8Array(message) : message)
      }),
    )
    return channel
  }
  /** Addresses that the client has said are a relay's: a check that comes from there before its candidate shows no more than an address. */
  const relays = new Set<string>()
  const addCandidate = (line: string) => {
    const relay = relayOf(line)
    if (relay !== undefined && relays.size < maxRelays) relays.add(relay)
    connection.addRemoteCandidate(line, mediaMid)
  }
  let guests = 0
  connection.onDataChannel(
    guarded((channel) => {
      if (++guests > maxGuestChannels) return channel.close()
      parts.keepGuest(channel)
      channel.onMessage(guarded((message) => typeof message === 'string' && events.text(message)))
    }),
  )
  let pointers: DataChannel | undefined
  try {
    // This also makes the answer: calling for it separately would end the process where it fails.
    connection.setRemoteDescription(peerOffer(offer), 'offer')
    if (offer.sctpPort !== undefined && offer.inputChannels) {
      openChannel(keysChannel)
      pointers = openChannel(pointerChannel)
    }
    for (const line of offer.candidates) addCandidate(line)
  } catch (error) {
    void ending.close('the offer was refused')
    throw new ViewerError('peer-failed', `Cannot answer the offer: ${messageOf(error)}`, { cause: error })
  }

  return {
    send(bytes) {
      if (ending.begun) return false
      try {
        // The library takes any byte array; its declaration knows only Node's.
        return media.sendMessageBinary(bytes as Buffer)
      } catch {
        return false
      }
    },
    sendPointers(bytes) {
      if (ending.begun || !pointers?.isOpen() || pointers.bufferedAmount() > maxPointersBacklogBytes) return
      try {
        pointers.sendMessageBinary(bytes)
      } catch (error) {
        // The library's own thread may close the channel between the question and the sending.
        if (pointers.isOpen()) events.failed(error)
      }
    },
    addCandidate(line) {
      if (ending.begun) return
      try {
        addCandidate(line)
      } catch (error) {
        events.failed(error)
      }
    },
    path: () => (ending.begun ? undefined : pathOf(connection, relays)),
    closed: ending.closed,
    close: (reason) => ending.close(reason),
    [Symbol.asyncDispose]: () => ending.close(),
  }
}

function openConnection({ iceServers, udp }: RtcPeerConfig, { inputChannels }: PeerOffer): PeerConnection {
  return new PeerConnection('viewer', {
    iceServers: [...iceServers],
    enableIceUdpMux: true,
    portRangeBegin: udp.port,
    portRangeEnd: udp.port,
    maxMessageSize: inputChannels ? maxDataMessageBytes : maxTextBytes,
    ...(udp.bindAddress === undefined ? {} : { bindAddress: udp.bindAddress }),
  })
}

/** The library wants a codec to be named; what is sent and taken is whatever the two ends have agreed on. */
function describeMedia(): Video {
  const media = new Video(mediaMid, 'SendRecv')
  media.addVP8Codec(anyPayloadType)
  return media
}

function channelConfig({ id, ordered, maxRetransmits }: InputChannel) {
  return { negotiated: true, id, unordered: !ordered, ...(maxRetransmits === undefined ? {} : { maxRetransmits }) }
}

function pathOf(connection: PeerConnection, relays: ReadonlySet<string>): RtcPath | undefined {
  const pair = connection.getSelectedCandidatePair()
  if (!pair) return undefined
  const { local, remote } = pair
  const [here, there] = [`${local.address}:${local.port}`, `${remote.address}:${remote.port}`]
  const remoteType = relays.has(there) ? 'relay' : remote.type
  return {
    path: local.type === 'relay' || remoteType === 'relay' ? 'relayed' : 'direct',
    local: `${local.type} ${here}`,
    remote: `${remoteType} ${there}`,
  }
}

/** The address of a relayed candidate (RFC 8839, section 5.1). */
function relayOf(line: string): string | undefined {
  const [, , , , address, port, , type] = line.trim().split(/ +/)
  return type === 'relay' ? `${address}:${port}` : undefined
}
