import type { Clock, Timer } from '../../kernel/clock.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import { Ending } from '../../kernel/ending.ts'
import { keysChannel, pointerChannel, type InputChannel } from '../../wire/input/channels.ts'
import type { ClientMessage, IceServer, ServerMessage } from '../../wire/signal/messages.ts'
import { ClientError } from '../contract/client-error.ts'
import { readSample } from '../stats/read-sample.ts'
import type { MediaPath } from '../path/media-path.ts'
import { askForStereo, preferredCodecs } from './codec-preferences.ts'

export interface PeerOptions {
  readonly clock: Clock
  readonly createPeer: (configuration: RTCConfiguration) => RTCPeerConnection
  /** What this machine can receive, in its own order; empty when it cannot tell. */
  readonly videoCodecs: readonly RTCRtpCodec[]
  readonly send: (message: ClientMessage) => void
}

/** The media path of one try: an RTCPeerConnection and its two data channels. Its end is an error, unless it was closed here. */
export interface Peer extends MediaPath {
  readonly connection: RTCPeerConnection
  readonly keys: RTCDataChannel
  readonly pointer: RTCDataChannel
  /** Resolves when media and data channels are open; rejects when the peer ends before. */
  readonly ready: Promise<void>
  /** Sends the offer, and candidates as they are found. */
  offer(iceServers: readonly IceServer[]): Promise<void>
  /** Takes the host's `signal` or `candidate`. */
  accept(message: Extract<ServerMessage, { type: 'signal' | 'candidate' }>): Promise<void>
}

/** A path that is silent this long is taken for lost; ICE itself waits five times longer. */
const disconnectedLimitMs = 3000
/** More candidates than this before the answer are more than any host has. */
const maxEarlyCandidates = 64

/** Begins at once with what can be done before the host has been greeted. */
export function openPeer(options: PeerOptions): Peer {
  const { clock, send } = options
  const connection = options.createPeer({ bundlePolicy: 'max-bundle' })
  const keys = openChannel(connection, keysChannel)
  const pointer = openChannel(connection, pointerChannel)
  const video = connection.addTransceiver('video', { direction: 'recvonly' })
  // Both ways from the beginning: a microphone that is turned on later needs no other offer.
  const audio = connection.addTransceiver('audio', { direction: 'sendrecv' })
  // Firefox before 128 cannot choose; its own order then holds.
  if (options.videoCodecs.length > 0 && 'setCodecPreferences' in video) {
    video.setCodecPreferences(preferredCodecs(options.videoCodecs))
  }
  for (const { receiver } of [video, audio]) playAtOnce(receiver)

  const ready = Promise.withResolvers<void>()
  // Whoever awaits `ready` gets the error; nobody has to.
  ready.promise.catch(() => {})
  let disconnected: Timer | undefined
  const ending = new Ending((end) => {
    disconnected?.cancel()
    ready.reject(
      end.kind === 'error' ? end.error : new ClientError('closed', `The media path was closed: ${end.reason}`),
    )
    connection.close()
  })
  const fail = (message: string) => void ending.fail(new ClientError('media-lost', message))

  const look = () => {
    const state = connection.connectionState
    if (state === 'connected' && keys.readyState === 'open' && pointer.readyState === 'open') ready.resolve()
    if (state === 'failed') fail('The media path failed: no way to the host works')
    if (state === 'disconnected') {
      disconnected ??= clock.after(disconnectedLimitMs, () => fail('The media path fell silent'))
    } else {
      disconnected?.cancel()
      disconnected = undefined
    }
  }
  connection.addEventListener('connectionstatechange', look)
  for (const channel of [keys, pointer]) {
    channel.addEventListener('open', look)
    channel.addEventListener('close', () => fail(`The channel for ${channel.label} was closed`))
  }

  let offered = false
  const localCandidates: RTCIceCandidate[] = []
  const sendCandidate = ({ candidate, sdpMid }: RTCIceCandidate) => {
    send({ type: 'candidate', candidate, ...(sdpMid === null ? {} : { sdpMid }) })
  }
  connection.addEventListener('icecandidate', ({ candidate }) => {
    if (!candidate || ending.begun) return
    if (offered) sendCandidate(candidate)
    else localCandidates.push(candidate)
  })

  const remoteCandidates: RTCIceCandidateInit[] = []
  const addCandidate = async (candidate: RTCIceCandidateInit) => {
    // One that this browser cannot use is no reason to give up on the others.
    await connection.addIceCandidate(candidate).catch(() => {})
  }
  const offering = connection.createOffer()
  offering.catch(() => {})

  return {
    connection,
    by: 'peer',
    tracks: { video: video.receiver.track, audio: audio.receiver.track },
    sample: async () => readSample(await connection.getStats()),
    keys,
    pointer,
    whyMute: undefined,
    speak(track, tell) {
      if (ending.begun) return
      audio.sender.replaceTrack(track ?? null).then(
        () => tell({ heard: true }),
        (error: unknown) => tell({ heard: false, reason: `The microphone cannot be sent: ${messageOf(error)}` }),
      )
    },
    ready: ready.promise,
    async offer(iceServers) {
      try {
        connection.setConfiguration({ ...connection.getConfiguration(), iceServers: iceServers.map(toRtcIceServer) })
        const sdp = askForStereo((await offering).sdp ?? '')
        await connection.setLocalDescription({ type: 'offer', sdp })
        send({ type: 'offer', signal: { type: 'offer', sdp } })
        offered = true
        for (const candidate of localCandidates.splice(0)) sendCandidate(candidate)
      } catch (error) {
        fail(`Cannot offer a media path: ${messageOf(error)}`)
      }
    },
    async accept(message) {
      if (ending.begun) return
      if (message.type === 'candidate') {
        const candidate = { candidate: message.candidate, sdpMid: message.sdpMid ?? '0' }
        if (connection.remoteDescription) await addCandidate(candidate)
        else if (remoteCandidates.length < maxEarlyCandidates) remoteCandidates.push(candidate)
        return
      }
      try {
        await connection.setRemoteDescription(message.signal)
      } catch (error) {
        fail(`Cannot use the host's answer: ${messageOf(error)}`)
        return
      }
      for (const candidate of remoteCandidates.splice(0)) await addCandidate(candidate)
    },
    close: (reason) => ending.close(reason),
    closed: ending.closed,
    [Symbol.asyncDispose]: () => ending.close(),
  }
}

function openChannel(connection: RTCPeerConnection, settings: InputChannel): RTCDataChannel {
  const { label, negotiated, id, ordered, maxRetransmits } = settings
  const reliability = maxRetransmits === undefined ? {} : { maxRetransmits }
  const channel = connection.createDataChannel(label, { negotiated, id, ordered, ...reliability })
  channel.binaryType = 'arraybuffer'
  return channel
}

/** No more buffering than the network's jitter needs; the older name is Chromium's before 124. */
function playAtOnce(receiver: RTCRtpReceiver): void {
  const adjustable: { jitterBufferTarget?: number | null; playoutDelayHint?: number } = receiver
  if ('jitterBufferTarget' in adjustable) adjustable.jitterBufferTarget = 0
  else adjustable.playoutDelayHint = 0
}

function toRtcIceServer({ urls, username, credential }: IceServer): RTCIceServer {
  return {
    urls,
    ...(username === undefined ? {} : { username }),
    ...(credential === undefined ? {} : { credential }),
  }
}
