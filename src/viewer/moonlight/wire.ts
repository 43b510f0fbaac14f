import { createCipheriv } from 'node:crypto'
import type { EnetAddress, EnetPeer } from '../../net/enet/enet-peer.ts'
import { streamedCodec } from '../../wire/moonlight/stream-offer.ts'
import type { MoonlightInput } from '../../wire/moonlight/input-message.ts'
import { videoHeadBytes, writeVideoHeads, type VideoCounts } from '../../wire/moonlight/video-unit.ts'
import type { GatewayCounters } from '../contract/gateway-counters.ts'
import type { SilenceRule } from '../contract/viewer-wire.ts'
import { ViewerError } from '../contract/viewer-error.ts'
import type { ViewerWire, WireEvents } from '../contract/viewer-wire.ts'
import { ControlStream } from './answers.ts'
import type { MoonlightPacket, MoonlightPackets, SoundPacket } from './packets.ts'
import { SoundDatagrams } from './sound-datagrams.ts'
import type { StreamPort } from './stream-port.ts'
import type { StreamTerms } from './stream-terms.ts'
import { ToldLosses } from './told-losses.ts'

export interface MoonlightWireOptions {
  readonly port: StreamPort
  readonly terms: StreamTerms
  readonly packets: MoonlightPackets
  /** What whoever plays has set the client to, for the path that it is on; 0 for nothing. */
  readonly bitrateBps: number
  readonly counters: GatewayCounters
  readonly events: WireEvents
  /** The client has proved that it has the key. */
  readonly recognised: () => void
  readonly input: (input: MoonlightInput) => void
  /** Takes what was said, at the end, where it is recorded. */
  readonly keepRecording: (recording: string) => void
  readonly epochMs: () => number
  /** The client broke the protocol. */
  readonly fault: (code: string, message: string) => void
}

/** What a viewer's wire to a Moonlight client is beside others. */
export interface MoonlightWire extends ViewerWire<MoonlightPacket> {
  /** 0 to 1 for the slow and the fast motor of one of the player's pads, until the next; 0 and 0 is the end of it. */
  rumble(pad: number, strong: number, weak: number): void
}

/** A client says something ten times a second. ENet notices one that is gone after five seconds. */
const silence: SilenceRule = { openWithinMs: 15_000, answerWithinMs: 5000, limitMs: 2000, outcome: 'hold' }
/** A client connects once, and again where its path has changed meanwhile. */
const mostAttempts = 8
const expectedSoundBps = { stereo: 145_000, '5.1': 400_000, '7.1': 530_000 } as const
const reportPeriodUs = 1_000_000

/** Sends to one Moonlight client, and hears its control stream. Nothing is sent before it has proved itself there and asked for pictures. */
export function openMoonlightWire(options: MoonlightWireOptions): MoonlightWire {
  const { port, terms, packets, counters, events, fault } = options
  const counts: VideoCounts = { sequence: 0, index: 0, picture: 0 }
  /** The connection on which the client has proved itself; before that there may be others who only say that they are it. */
  let peer: (() => EnetPeer) | undefined
  let speaker: (() => EnetPeer) | undefined
  let attempts = 0
  const key = Buffer.from(terms.key.secret, 'hex')
  const cipher = terms.encrypts.audio ? { key, keyId: terms.key.keyId } : undefined
  const sound = new SoundDatagrams(terms.audioPacketMs, cipher)
  let isProved = false
  let heads = new Uint8Array(0)
  let sealed = 0
  let isOpen = false
  let hasSentKey = false
  const to: Record<'audio' | 'video', EnetAddress | undefined> = { audio: undefined, video: undefined }
  const losses = new ToldLosses()
  let nextReportUs = 0

  const open = () => {
    if (isOpen || !isProved || to.video === undefined) return
    isOpen = true
    events.opened()
  }
  const control = new ControlStream(
    terms,
    {
      recognised() {
        isProved = true
        peer = speaker
        options.recognised()
        open()
      },
      heard: () => events.heard(),
      keyPictureWanted() {
        // What is asked for at the beginning comes by itself.
        if (hasSentKey) events.pictureLost()
      },
      loss(status) {
        const { lost, isRepaired } = losses.told(status)
        counters.packetsLost += lost
        counters[isRepaired ? 'picturesRepaired' : 'picturesUnrepaired']++
        if (!isRepaired) events.unrepaired()
      },
      input: options.input,
      fault,
    },
    options.epochMs,
  )
  const leave = port.expect({
    ...terms,
    connected(connecting) {
      if (isProved || ++attempts > mostAttempts) return undefined
      return {
        onMessage(_channel, data) {
          speaker = connecting
          control.take(data)
        },
        recognises: (data) => control.recognises(data),
        onEnd(end) {
          if (peer === connecting) events.gone(new ViewerError('peer-failed', endings[end]))
        },
      }
    },
    pinged(kind, from) {
      // Pictures go to who has proved that it is there, and to nobody whose address is merely named.
      if (!isProved || peer?.().address.address !== from.address) return
      to[kind] = from
      if (kind === 'video') open()
    },
  })

  const sendPicture = (packet: Extract<MoonlightPacket, { kind: 'picture' }>, timestamp: number): number => {
    const { block, shard } = packet
    if (to.video === undefined || !isProved) return 0
    if (packet.beginsPicture) counts.picture = (counts.picture + 1) >>> 0
    if (shard === 0) {
      // Not over those before: the system may still have to send them.
      heads = new Uint8Array(block.shared.length * videoHeadBytes)
      writeVideoHeads(block, heads, counts, timestamp)
    }
    const head = heads.subarray(shard * videoHeadBytes, (shard + 1) * videoHeadBytes)
    const rest = block.shared[shard] as Uint8Array
    const parts = terms.encrypts.video ? sealPicture(key, sealed++, counts.picture, head, rest) : [head, rest]
    port.send(parts, to.video)
    if (shard < block.data) losses.sent()
    return parts.reduce((sum, { length }) => sum + length, 0)
  }
  const sendSound = (packet: SoundPacket): number => {
    if (to.audio === undefined || !isProved) return 0
    let bytes = 0
    for (const datagram of sound.of(packet)) {
      port.send([datagram], to.audio)
      bytes += datagram.length
    }
    return bytes
  }
  const say = (notice: Parameters<ControlStream['seal']>[0]) => {
    const message = control.seal(notice)
    if (message !== undefined) peer?.().send(0, message)
  }

  return {
    repair: 'parity',
    silence,
    expectedSoundBps: expectedSoundBps[terms.soundLayout],
    ...(options.bitrateBps > 0 && { startBps: options.bitrateBps }),
    rateKnownBy: 'losses',
    isOwed: true,
    padding: undefined,
    takes: (codec) => codec === streamedCodec,
    takesSound: true,
    picturePackets: (unit, parityPercent) => packets.picture(unit, terms, parityPercent),
    soundPacket: (unit) => packets.sound(unit, terms.soundLayout),
    markPicture: ({ key: isKey, captureUs }) => {
      hasSentKey ||= isKey
      return Math.floor(captureUs * 0.09) % 2 ** 32
    },
    markSound: () => 0,
    pointersPacket: () => undefined,
    send({ packet, picture }) {
      const bytes = packet.kind === 'picture' ? sendPicture(packet, picture?.mark ?? 0) : sendSound(packet)
      if (bytes > 0) {
        counters.packetsSent++
        counters.bytesSent += bytes
      }
      return bytes
    },
    isReported: () => true,
    hasRoom: () => true,
    path() {
      if (to.video === undefined) return undefined
      const { address, port: ownPort } = port.address
      return { path: 'direct', local: `udp ${address}:${ownPort}`, remote: `udp ${to.video.address}:${to.video.port}` }
    },
    tick(nowUs) {
      if (nowUs < nextReportUs) return
      nextReportUs = nowUs + reportPeriodUs
      const roundTripMs = peer?.().roundTripMs
      if (roundTripMs !== undefined) events.roundTrip(roundTripMs)
      const share = losses.take()
      if (share !== undefined) events.losses(share)
    },
    rumble(pad, strong, weak) {
      say({ type: 'rumble', pad, low: Math.round(strong * 0xffff), high: Math.round(weak * 0xffff) })
    },
    async close(end) {
      leave()
      say({ type: 'termination', cause: end.kind === 'error' && isOpen ? 'failed' : 'normal' })
      peer?.().close(0)
      const { recording } = control
      if (recording !== undefined) options.keepRecording(recording)
    },
  }
}

const endings = {
  disconnected: 'The client has left',
  closed: 'The connection was closed',
  'timed-out': 'The client answers no more',
} as const

/** A datagram under its seal: nonce (12), number of the picture (32, little endian), tag (16), ciphertext. */
function sealPicture(
  key: Uint8Array,
  count: number,
  picture: number,
  head: Uint8Array,
  rest: Uint8Array,
): Uint8Array[] {
  const seal = Buffer.alloc(32)
  seal.writeUInt32LE(count >>> 0)
  seal.writeUInt32LE(Math.floor(count / 2 ** 32), 4)
  seal[11] = 'V'.charCodeAt(0)
  seal.writeUInt32LE(picture, 12)
  const encryption = createCipheriv('aes-128-gcm', key, seal.subarray(0, 12))
  const parts = [encryption.update(head), encryption.update(rest), encryption.final()]
  seal.set(encryption.getAuthTag(), 16)
  return [seal, ...parts]
}
