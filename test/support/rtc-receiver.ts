import { PeerConnection, type DataChannel, type Track } from 'node-datachannel'
import { WebSocket } from 'ws'
import { NativeParts } from '../../src/viewer/webrtc/native-parts.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import { Ending, type Closable } from '../../src/kernel/ending.ts'
import { encodeKeysMessage, type KeysMessage } from '../../src/wire/input/keys-message.ts'
import { decodePointers } from '../../src/wire/input/pointers-message.ts'
import type { PointerPosition } from '../../src/domain/player.ts'
import { PointerSender } from '../../src/wire/input/pointer-message.ts'
import { decodeRtcp, encodeRtcp, type RtcpPacket, type SenderReport } from '../../src/wire/rtp/rtcp.ts'
import { decodeRtp, isRtcp, RtpWriter, type ReceivedRtp } from '../../src/wire/rtp/rtp-header.ts'
import { rtpPacketOf } from '../../src/wire/rtp/rtp-packet.ts'
import { decodeServerMessage, encodeSignal } from '../../src/wire/signal/codec.ts'
import type { DeliveredMessage } from '../../src/wire/signal/deliveries.ts'
import type { SeatId, SeatWish } from '../../src/domain/seat.ts'
import {
  bearerSubprotocolPrefix,
  signalSubprotocol,
  type ClientMessage,
  type ServerMessage,
} from '../../src/wire/signal/messages.ts'
import {
  describeAudio,
  describeVideo,
  ownSsrc,
  payloadTypes,
  transportExtensionId,
  voiceSsrc,
} from './received-media.ts'
import { openInputChannels } from './receiver-channels.ts'
import { ReceiverFeedback } from './receiver-feedback.ts'
import { ReceiverOutbox, type NewDelivery } from './receiver-outbox.ts'
import type { UdpPath } from './udp-path.ts'
import { ReceivedVideo, type ReceivedPicture, type StreamCounts } from './received-stream.ts'

export interface RtcReceiverOptions {
  /** Address of the signalling WebSocket. */
  readonly url: string
  readonly token?: string
  /** What it can receive, best first; both unless given. */
  readonly codecs?: readonly ('h264' | 'vp8')[]
  /** Enters this lobby before it offers. */
  readonly lobbyId?: string
  /** Asks for this session instead of a fresh one. */
  readonly resume?: { readonly sessionId: string; readonly resumeToken: string }
  /** The way that all datagrams take; the direct one unless given. */
  readonly path?: UdpPath
  /** Sends no RTCP at all while this is true. */
  readonly mute?: () => boolean
  /** Where it receives; loopback unless given. */
  readonly bindAddress?: string
  /** False: only pictures have transport-wide sequence numbers, sound has none. */
  readonly soundFeedback?: boolean
  /** True: it has a microphone; see `speak`. */
  readonly voice?: boolean
  /** False: it wants sound alone. */
  readonly pictures?: boolean
  /** False: no data channels are offered. */
  readonly input?: boolean
  readonly onPicture?: (picture: ReceivedPicture) => void
}

const feedbackPeriodMs = 50
const maxKeptMessages = 1000

/** A browser's receiving end without a browser: signalling, WebRTC, RTCP feedback and resend requests. It decodes nothing. */
export class RtcReceiver implements Closable {
  readonly closed
  readonly audio = { packets: 0, bytes: 0, timestamps: [] as number[] }
  /** Everything the host said, oldest first; the latest thousand. */
  readonly messages: ServerMessage[] = []
  /** Where the players of the lobby point, by their numbers. */
  readonly pointers = new Map<number, PointerPosition>()
  readonly #options: RtcReceiverOptions
  readonly #socket: WebSocket
  readonly #pointerSender = new PointerSender()
  readonly #outbox = new ReceiverOutbox(this)
  readonly #video: ReceivedVideo
  readonly #feedback: ReceiverFeedback
  readonly #waiters = new Set<() => void>()
  readonly #ending: Ending
  #parts: NativeParts | undefined
  #sendControl: (packets: readonly RtcpPacket[]) => void = () => {}
  #media: Track | undefined
  #audio: Track | undefined
  #keys: DataChannel | undefined
  #pointer: DataChannel | undefined
  /** Of the pictures. */
  #mediaSsrc = 0
  #voiceSequence = 0
  #closeCode: number | undefined
  #candidates: [candidate: string, sdpMid: string][] | undefined

  constructor(options: RtcReceiverOptions) {
    this.#options = options
    this.#video = new ReceivedVideo({
      codecs: new Map([
        [payloadTypes.h264, 'h264'],
        [payloadTypes.vp8, 'vp8'],
      ]),
      transportExtensionId,
      onPicture: (picture) => {
        options.onPicture?.(picture)
        this.#wake()
      },
    })
    this.#feedback = new ReceiverFeedback(this.#video)
    const bearer = options.token === undefined ? [] : [bearerSubprotocolPrefix + options.token]
    this.#socket = new WebSocket(options.url, [signalSubprotocol, ...bearer])
    this.#socket.on('message', (data) => this.#receive(decodeServerMessage(data as Buffer)))
    this.#socket.on('error', () => {})
    this.#socket.on('close', (code) => {
      this.#closeCode = code
      this.#wake()
    })
    const feedback = systemClock.every(feedbackPeriodMs, () => {
      const packets = this.#feedback.take(this.#mediaSsrc)
      if (packets.length > 0) this.#sendControl(packets)
    })
    this.#ending = new Ending(async () => {
      feedback.cancel()
      await this.#parts?.end()
      this.#socket.terminate()
      this.#wake()
    })
    this.closed = this.#ending.closed
  }

  get counts(): StreamCounts {
    return this.#video.counts
  }

  /** Sender reports of both streams by SSRC, the latest. */
  get senderReports(): ReadonlyMap<number, SenderReport> {
    return this.#feedback.senderReports
  }

  /** The code that the signalling socket was closed with; undefined while it is open. */
  get closeCode(): number | undefined {
    return this.#closeCode
  }

  /** The session that the host gave. */
  get session(): { readonly sessionId: string; readonly resumeToken: string } {
    const last = this.messages.findLast((message) => message.type === 'ready' || message.type === 'reconnect-ack')
    if (!last) throw new Error('The host has not greeted this receiver')
    return { sessionId: last.type === 'ready' ? last.id : last.sessionId, resumeToken: last.resumeToken ?? '' }
  }

  get inputOpen(): boolean {
    return this.#keys?.isOpen() === true && this.#pointer?.isOpen() === true
  }

  send(message: ClientMessage): void {
    this.sendRaw(encodeSignal(message))
  }

  /** Has something done once, behind what was handed over before. Resolves with what became of it. */
  deliver(what: NewDelivery): Promise<DeliveredMessage> {
    return this.#outbox.deliver(what)
  }

  wish(seat: SeatId, wish: SeatWish): Promise<DeliveredMessage> {
    return this.deliver({ do: 'seat', seat, wish })
  }

  /** Anything at all on the signalling socket. */
  sendRaw(data: string | Uint8Array): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(data)
  }

  /** Goes away without a word. */
  cutSocket(): void {
    this.#socket.terminate()
  }

  /** Ends the peer connection, and nothing else. */
  cutMedia(): void {
    void this.#parts?.end()
    this.#parts = undefined
  }

  /** Sends input; motion goes over the pointer channel, all else over the keys channel. */
  input(message: KeysMessage): void {
    if (message.type === 'pointer' || message.type === 'pointer-relative') {
      this.rawInput('pointer', this.#pointerSender.encode(message))
    } else {
      this.rawInput('keys', encodeKeysMessage(message))
    }
  }

  rawInput(channel: 'keys' | 'pointer', data: Uint8Array | string): void {
    const to = channel === 'keys' ? this.#keys : this.#pointer
    if (typeof data === 'string') to?.sendMessage(data)
    else to?.sendMessageBinary(data)
  }

  /** Sends an Opus packet of the microphone. */
  speak({ timestamp, data }: { readonly timestamp: number; readonly data: Uint8Array }): void {
    const packet = rtpPacketOf(data, false)
    const sequence = this.#voiceSequence++
    const header = { payloadType: payloadTypes.opus, ssrc: voiceSsrc, sequence, timestamp, marker: false }
    const bytes = new RtpWriter().write(packet, { ...header, transportExtensionId: 0, transportSequence: 0 })
    try {
      if (this.#audio?.isOpen()) this.#audio.sendMessageBinary(Buffer.from(bytes))
    } catch (error) {
      // The library's own thread may close the track between the question and the sending.
      if (this.#audio?.isOpen()) throw error
    }
  }

  /** Sends bytes as RTCP, whatever they are. */
  rawControl(bytes: Uint8Array): void {
    this.#media?.sendMessageBinary(Buffer.from(bytes))
  }

  /** Asks for a key picture. */
  requestKeyframe(): void {
    this.control((mediaSsrc) => [{ type: 'picture-loss', senderSsrc: ownSsrc, mediaSsrc }])
  }

  /** Sends RTCP about the pictures, whose SSRC `packetsOf` is given. */
  control(packetsOf: (mediaSsrc: number) => readonly RtcpPacket[]): void {
    this.#sendControl(packetsOf(this.#mediaSsrc))
  }

  /** Resolves as soon as `condition` holds; it is looked at whenever something happens. */
  async until(condition: (receiver: this) => boolean, what: string, limitMs = 10_000): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const look = () => {
      if (condition(this)) resolve()
    }
    const timer = systemClock.after(limitMs, () => reject(new Error(`Not within ${limitMs} ms: ${what}`)))
    this.#waiters.add(look)
    look()
    try {
      await promise
    } finally {
      timer.cancel()
      this.#waiters.delete(look)
    }
  }

  /** The first message of a type, past or to come. */
  async message<Type extends ServerMessage['type']>(type: Type): Promise<Extract<ServerMessage, { type: Type }>> {
    const find = () => this.messages.find((message) => message.type === type)
    await this.until(() => find() !== undefined, `message ${type}`)
    return find() as Extract<ServerMessage, { type: Type }>
  }

  /** Offers a peer connection, in the place of the one before. */
  offer(): void {
    const before = this.#parts
    this.#parts = undefined
    this.#feedback.restart()
    void before?.end()
    const connection = new PeerConnection('receiver', {
      iceServers: [],
      disableAutoNegotiation: true,
      bindAddress: this.#options.bindAddress ?? '127.0.0.1',
    })
    const parts = new NativeParts(connection, { clock: systemClock, onLost: () => this.#wake() })
    this.#parts = parts
    const guarded = <A extends unknown[]>(call: (...values: A) => void) => parts.guarded(call, (error) => fail(error))
    this.#candidates = []
    connection.onLocalCandidate(guarded((line, mid) => this.#tellCandidate(line.replace(/^a=/, ''), mid)))
    connection.onLocalDescription(guarded((sdp) => this.send({ type: 'offer', signal: { type: 'offer', sdp } })))
    const video =
      this.#options.pictures === false
        ? undefined
        : parts.keep(connection.addTrack(describeVideo(this.#options.codecs ?? ['h264', 'vp8'])), 'video')
    video?.onMessage(guarded((bytes) => this.#receiveVideo(bytes)))
    const { soundFeedback: feedback = true, voice = false } = this.#options
    const audio = parts.keep(connection.addTrack(describeAudio({ feedback, voice })), 'audio')
    this.#audio = audio
    audio.onMessage(guarded((bytes) => this.#receiveAudio(bytes)))
    const media = video ?? audio
    this.#media = media
    if (this.#options.input !== false) {
      const channels = openInputChannels(connection, parts)
      this.#keys = channels.keys
      this.#pointer = channels.pointer
      this.#pointer.onMessage(guarded((bytes) => this.#receivePointers(bytes)))
      for (const channel of [this.#keys, this.#pointer]) channel.onOpen(guarded(() => this.#wake()))
    }
    this.#sendControl = (packets) => {
      if (this.#options.mute?.() === true || !media.isOpen()) return
      const datagram = Buffer.from(encodeRtcp(packets, { ssrc: ownSsrc, name: 'receiver' }))
      try {
        media.sendMessageBinary(datagram)
      } catch (error) {
        // The library's own thread may close the track between the question and the sending.
        if (media.isOpen()) throw error
      }
    }
    connection.setLocalDescription('offer')
  }

  close(reason?: string): Promise<void> {
    return this.#ending.close(reason)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #receive(message: ServerMessage): void {
    this.messages.push(message)
    if (this.messages.length > maxKeptMessages) this.messages.shift()
    const { lobbyId, resume } = this.#options
    if (message.type === 'ready') {
      if (resume) this.send({ type: 'reconnect', ...resume })
      if (lobbyId !== undefined) this.send({ type: 'join', lobbyId })
    }
    if (message.type === 'ping') this.send({ type: 'pong', timestamp: message.timestamp })
    try {
      if (message.type === 'signal') {
        this.#parts?.connection.setRemoteDescription(message.signal.sdp, 'answer')
        this.#releaseCandidates()
      }
      if (message.type === 'candidate') {
        this.#parts?.connection.addRemoteCandidate(this.#along(message.candidate), message.sdpMid ?? '0')
      }
    } catch {
      // What belongs to a connection that has been replaced.
    }
    this.#wake()
  }

  /**
   * The host hears of no candidate before the answer has been taken: the library connects while it takes one, and fails
   * when the other end's certificate comes before it has kept the fingerprint.
   */
  #tellCandidate(candidate: string, sdpMid: string): void {
    if (this.#candidates) this.#candidates.push([candidate, sdpMid])
    else this.send({ type: 'candidate', candidate, sdpMid })
  }

  /** Leads the host's candidate through the path, if there is one. */
  #along(candidate: string): string {
    const { path } = this.#options
    const port = / 127\.0\.0\.1 (\d+) typ host/.exec(candidate)?.[1]
    if (!path || port === undefined) return candidate
    path.targetPort = Number(port)
    return candidate.replace(` ${port} typ`, ` ${path.port} typ`)
  }

  #releaseCandidates(): void {
    // Whose own candidates are not known is reached only along the path that it came.
    const candidates = this.#options.path ? [] : (this.#candidates ?? [])
    this.#candidates = undefined
    for (const [candidate, sdpMid] of candidates) this.#tellCandidate(candidate, sdpMid)
  }

  #receiveVideo(bytes: Uint8Array): void {
    if (isRtcp(bytes)) return this.#receiveControl(bytes)
    const packet = this.#video.receive(bytes)
    this.#mediaSsrc = packet.ssrc
    this.#noteArrival(packet)
  }

  #receivePointers(bytes: string | Uint8Array | ArrayBuffer): void {
    if (typeof bytes === 'string') return
    for (const position of decodePointers(new Uint8Array(bytes)).positions) this.pointers.set(position.player, position)
    this.#wake()
  }

  #receiveAudio(bytes: Uint8Array): void {
    if (isRtcp(bytes)) return this.#receiveControl(bytes)
    const packet = decodeRtp(bytes, transportExtensionId)
    this.audio.packets++
    this.audio.bytes += bytes.length
    this.audio.timestamps.push(packet.timestamp)
    if (this.audio.timestamps.length > maxKeptMessages) this.audio.timestamps.shift()
    this.#noteArrival(packet)
  }

  #noteArrival(packet: ReceivedRtp): void {
    this.#feedback.noteArrival(packet)
    this.#wake()
  }

  #receiveControl(bytes: Uint8Array): void {
    for (const packet of decodeRtcp(bytes)) {
      if (packet.type === 'sender-report') this.#feedback.noteReport(packet)
    }
    this.#wake()
  }

  #wake(): void {
    for (const look of this.#waiters) look()
  }
}

/** A call from the library must not throw; this fails the test nevertheless. */
function fail(error: unknown): void {
  queueMicrotask(() => {
    throw error
  })
}
