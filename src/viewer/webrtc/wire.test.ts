import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ArrivalRecorder } from '../../net/congestion/arrival-recorder.ts'
import { ManualClock } from '../../kernel/manual-clock.ts'
import type { AccessUnit } from '../../media/contract/access-unit.ts'
import type { VideoCodec } from '../../domain/video-codec.ts'
import { DurationWindow } from '../../kernel/duration-window.ts'
import { BitrateController } from '../../net/congestion/bitrate-controller.ts'
import { decodeRtp, type ReceivedRtp } from '../../wire/rtp/rtp-header.ts'
import { Vp8Depacketiser } from '../../wire/rtp/vp8-payload.ts'
import { createCounters } from '../contract/gateway-counters.ts'
import { PacedSender } from '../sending/paced-sender.ts'
import { Pump } from '../sending/pump.ts'
import type { WireEvents } from '../contract/viewer-wire.ts'
import { RtpPackets } from './packets.ts'
import type { PeerOffer } from './peer-offer.ts'
import type { RtcPeer } from './rtc-peer.ts'
import { openWebRtcWire } from './wire.ts'

/** A sender over a wire whose peer keeps what it is given. */
function openSender(options: { packets?: RtpPackets; startBps?: number; isSoundNumbered?: boolean } = {}) {
  const clock = new ManualClock()
  const nowUs = () => clock.nowMs() * 1000
  const sent: ReceivedRtp[] = []
  const sound: ReceivedRtp[] = []
  const transport = { open: true }
  const ssrcs = { video: 1111, audio: 2222 }
  const never = new Promise<never>(() => {})
  const peer: RtcPeer = {
    send(bytes: Uint8Array) {
      if (!transport.open) return false
      const packet = decodeRtp(Uint8Array.from(bytes), 4)
      const into = packet.ssrc === ssrcs.video ? sent : sound
      into.push(packet)
      return true
    },
    sendPointers() {},
    addCandidate() {},
    path: () => undefined,
    closed: never,
    close: () => never,
    [Symbol.asyncDispose]: () => never,
  }
  const counters = createCounters()
  const captureToPacketMs = new DurationWindow(16)
  const seen = { behind: 0, keyPictures: 0 }
  const controller = new BitrateController({ startBps: options.startBps ?? 20_000_000 })
  const counted: number[] = []
  const onSent = controller.onSent.bind(controller)
  controller.onSent = (number, bytes, atUs) => {
    counted.push(number)
    onSent(number, bytes, atUs)
  }
  const wire = openWebRtcWire({
    rtc: { iceServers: [], udp: { port: 1, bindAddress: undefined }, clock },
    openPeer: () => peer,
    packets: options.packets ?? new RtpPackets(),
    counters,
    random32: () => 0xffff_fffe,
    offer: {} as PeerOffer,
    streams: {
      ssrcs,
      video: { payloadTypes: { h264: 108, vp8: 96 }, transportExtensionId: 4 },
      audio: {
        payloadType: 111,
        transportExtensionId: options.isSoundNumbered === false ? 0 : 4,
        isHeard: true,
        voiceSsrc: undefined,
      },
    },
    events: {} as WireEvents,
    peer: {} as Parameters<typeof openWebRtcWire>[0]['peer'],
    mayRead: () => true,
    onMalformed: () => {},
  })
  const sender = new PacedSender({
    wire,
    controller,
    pump: new Pump({ clock, nowUs }),
    captureToPacketMs,
    nowUs,
    parityPercent: () => 0,
    onBehind: () => seen.behind++,
    onKeyPictureSent: () => seen.keyPictures++,
  })
  /** The sender's own number of what was sent under an RTP sequence number. */
  const numberOf = (sequence: number) => sequence - (0xffff_fffe & 0x7fff)
  return { clock, controller, sender, sent, sound, transport, counted, counters, captureToPacketMs, seen, numberOf }
}

function picture(options: { codec?: VideoCodec; key?: boolean; bytes?: number; captureUs?: number } = {}): AccessUnit {
  const { codec = 'h264', key = false, bytes = 3000, captureUs = 0 } = options
  const data = new Uint8Array(bytes).fill(0x5a)
  if (codec === 'h264') data.set([0, 0, 0, 1, key ? 0x65 : 0x41])
  return { codec, key, captureUs, encodedUs: captureUs, width: 1280, height: 720, data }
}

test('PacedSender over WebRTC numbers packets on, with one timestamp and one marker for each picture', () => {
  const { clock, sender, sent } = openSender()
  sender.video(picture({ key: true }))
  clock.advance(17)
  sender.video(picture({ captureUs: 16_667 }))
  clock.advance(17)
  assert.equal(sent.length, 6)
  assert.deepEqual(
    sent.map(({ marker }) => marker),
    [false, false, true, false, false, true],
  )
  const numbers = sent.map(({ sequence }) => sequence)
  assert.deepEqual(
    numbers,
    numbers.map((_, index) => (numbers[0] as number) + index),
  )
  assert.deepEqual(
    sent.map(({ transportSequence }) => transportSequence),
    [1, 2, 3, 4, 5, 6],
  )
  assert.equal(new Set(sent.slice(0, 3).map(({ timestamp }) => timestamp)).size, 1)
  assert.equal(((sent[3]?.timestamp ?? 0) - (sent[0]?.timestamp ?? 0)) | 0, 1500)
  assert.ok(sent.every(({ ssrc, payloadType }) => ssrc === 1111 && payloadType === 108))
})

test('PacedSender over WebRTC writes its own headers on packets that it shares with others', () => {
  const packets = new RtpPackets()
  const [first, second] = [openSender({ packets }), openSender({ packets })]
  const early = picture({ captureUs: 1_000_000 })
  second.sender.video(early)
  const shared = picture({ captureUs: 1_016_667, bytes: 500 })
  first.sender.video(shared)
  second.sender.video(shared)
  assert.equal(first.sent.length, 1)
  assert.notEqual(first.sent[0]?.sequence, second.sent.at(-1)?.sequence)
  assert.deepEqual(first.sent[0]?.payload, second.sent.at(-1)?.payload)
})

test('PacedSender over WebRTC changes the payload type where the codec changes', () => {
  const { clock, sender, sent } = openSender()
  sender.video(picture({ key: true, bytes: 500 }))
  sender.video(picture({ codec: 'vp8', key: true, bytes: 500, captureUs: 20_000 }))
  clock.advance(20)
  assert.deepEqual(
    sent.map(({ payloadType }) => payloadType),
    [108, 96],
  )
})

test('PacedSender over WebRTC numbers VP8 pictures without gaps, for each viewer', () => {
  const packets = new RtpPackets()
  const viewers = [openSender({ packets }), openSender({ packets })]
  for (let index = 0; index < 3; index++) {
    const unit = picture({ codec: 'vp8', key: index === 0, captureUs: index * 16_667 })
    for (const { clock, sender } of index === 1 ? viewers.slice(0, 1) : viewers) {
      sender.video(unit)
      clock.advance(20)
    }
  }
  const idsOf = (sent: ReceivedRtp[]) => {
    const depacketiser = new Vp8Depacketiser()
    return sent.flatMap(({ payload, marker }) => {
      depacketiser.push(payload)
      return marker ? depacketiser.take().pictureId : []
    })
  }
  const first = 0x7ffe
  assert.deepEqual(idsOf(viewers[0]?.sent ?? []), [first, first + 1, 0])
  assert.deepEqual(idsOf(viewers[1]?.sent ?? []), [first, first + 1])
})

test('PacedSender over WebRTC spreads a large picture over time', () => {
  const { clock, sender, sent } = openSender({ startBps: 2_000_000 })
  sender.video(picture({ key: true, bytes: 50_000 }))
  const atOnce = sent.length
  assert.ok(atOnce < 10, `${atOnce} packets at once`)
  clock.advance(20)
  assert.ok(sent.length > atOnce && sent.length < 44)
  clock.advance(500)
  assert.equal(sent.length, 44)
})

test('PacedSender over WebRTC says that it is behind when pictures come faster than they can leave', () => {
  const { clock, sender, seen } = openSender({ startBps: 300_000 })
  for (let index = 0; index < 60; index++) {
    sender.video(picture({ key: index === 0, bytes: 20_000, captureUs: index * 16_667 }))
    clock.advance(17)
  }
  assert.ok(seen.behind > 0)
})

test('PacedSender over WebRTC sends a missing packet again under its own number', () => {
  const { clock, sender, sent, counters, numberOf } = openSender()
  sender.video(picture({ key: true }))
  clock.advance(200)
  const lost = sent[1] as ReceivedRtp
  assert.equal(sender.resend([numberOf(lost.sequence)], clock.nowMs() * 1000), false)
  clock.advance(20)
  const again = sent.at(-1)
  assert.equal(sent.length, 4)
  assert.deepEqual(again, { ...lost, transportSequence: 4 })
  assert.equal(counters.packetsResent, 1)
  sender.video(picture({ captureUs: 300_000, bytes: 100 }))
  assert.equal(sent.at(-1)?.sequence, ((sent[2]?.sequence ?? 0) + 1) & 0xffff)
})

test('PacedSender over WebRTC says when a key picture has left, and only then', () => {
  const { clock, sender, seen } = openSender({ startBps: 1_000_000 })
  sender.video(picture({ key: true, bytes: 20_000 }))
  assert.equal(seen.keyPictures, 0)
  clock.advance(500)
  assert.equal(seen.keyPictures, 1)
  sender.video(picture({ captureUs: 500_000 }))
  clock.advance(500)
  assert.equal(seen.keyPictures, 1)
})

test('PacedSender over WebRTC tells how long a picture took from its capture to its last packet', () => {
  const { clock, sender, captureToPacketMs } = openSender({ startBps: 1_000_000 })
  clock.advance(10)
  sender.video(picture({ key: true, bytes: 500, captureUs: 4000 }))
  assert.equal(captureToPacketMs.percentile(1), 6)
  sender.video(picture({ bytes: 20_000, captureUs: 8000 }))
  clock.advance(500)
  // 20 kB leave at 1.25 times the target on a path as small as that.
  const took = captureToPacketMs.percentile(1) ?? 0
  assert.ok(took > 110 && took < 140, `${took} ms`)
})

test('PacedSender over WebRTC marks where sound begins, and sends it before pictures that wait', () => {
  const { clock, sender, sound, sent } = openSender({ startBps: 300_000 })
  sender.video(picture({ key: true, bytes: 50_000 }))
  const sentBefore = sent.length
  const unit = (index: number) => ({
    captureUs: index * 10_000,
    positionSamples: index * 480,
    data: Uint8Array.of(index),
  })
  for (const index of [0, 1, 2, 50]) sender.audio(unit(index))
  assert.deepEqual(
    sound.map(({ marker }) => marker),
    [true, false, false, true],
  )
  assert.equal(((sound[3]?.timestamp ?? 0) - (sound[0]?.timestamp ?? 0)) | 0, 50 * 480)
  assert.equal(sent.length, sentBefore)
  assert.ok(sound.every(({ ssrc, payloadType }) => ssrc === 2222 && payloadType === 111))
  sender.close()
  assert.equal(clock.pending, 0)
})

test('PacedSender over WebRTC numbers pictures and sound together, and has both counted', () => {
  const { sender, sent, sound, counted } = openSender()
  const unit = { captureUs: 0, positionSamples: 0, data: Uint8Array.of(1) }
  sender.video(picture({ key: true, bytes: 500 }))
  sender.audio(unit)
  sender.video(picture({ bytes: 500, captureUs: 16_667 }))
  assert.deepEqual(
    [sent[0], sound[0], sent[1]].map((packet) => packet?.transportSequence),
    [1, 2, 3],
  )
  assert.deepEqual(counted, [1, 2, 3])
})

test('PacedSender over WebRTC sends sound without a number, and has it not counted, to who numbers pictures only', () => {
  const { sender, sent, sound, counted } = openSender({ isSoundNumbered: false })
  sender.audio({ captureUs: 0, positionSamples: 0, data: Uint8Array.of(1) })
  sender.video(picture({ key: true, bytes: 500 }))
  assert.deepEqual([sound[0]?.transportSequence, sent[0]?.transportSequence], [undefined, 1])
  assert.deepEqual(counted, [1])
})

test('PacedSender over WebRTC holds pictures back while muted and sends sound on', () => {
  const { clock, sender, sent, sound } = openSender()
  sender.muted = true
  sender.video(picture({ key: true }))
  sender.audio({ captureUs: 0, positionSamples: 0, data: Uint8Array.of(1) })
  clock.advance(100)
  assert.deepEqual([sent.length, sound.length], [0, 1])
})

test('PacedSender over WebRTC takes no harm from a transport that is gone, nor from a picture without contents', () => {
  const { clock, sender, sent, transport, counters } = openSender()
  sender.video({ ...picture(), data: new Uint8Array(0) })
  transport.open = false
  sender.video(picture({ key: true }))
  clock.advance(100)
  assert.equal(sent.length, 0)
  assert.equal(counters.packetsSent, 0)
  assert.equal(sender.sentBps(clock.nowMs() * 1000), 0)
})

test('PacedSender over WebRTC tries the path with padding behind a whole picture, which no payload counts, and goes on in order', () => {
  const { clock, controller, sender, sent, counted, counters, numberOf } = openSender({ startBps: 300_000 })
  const arrivals = new ArrivalRecorder()
  let told = 0
  const report = () => {
    for (; told < counted.length; told++) arrivals.onReceived(counted[told] as number, clock.nowMs() * 1000)
    for (let next = arrivals.take(); next; next = arrivals.take()) controller.onArrivals(next, clock.nowMs() * 1000)
    sender.onAnswer(clock.nowMs() * 1000)
  }
  sender.onAnswer(0)
  assert.equal(sent.length, 0, 'there is no picture to stand behind')
  sender.video(picture({ key: true, bytes: 2000 }))
  for (let step = 0; step < 300; step++) {
    clock.advance(10)
    report()
  }
  const padding = sent.filter(({ payload }) => payload.length === 0)
  assert.ok(padding.length >= 10, `${padding.length} packets of padding`)
  assert.ok(
    padding.every(
      ({ marker, payloadType, timestamp }) => !marker && payloadType === 108 && timestamp === sent[0]?.timestamp,
    ),
  )
  assert.ok(controller.targetBps > 2_500_000, `${controller.targetBps}`)
  assert.ok(counters.bytesSent < 200_000, 'a try is short, and there are few')
  sender.video(picture({ captureUs: 3_000_000, bytes: 2000 }))
  clock.advance(20)
  const first = sent[0]?.sequence as number
  assert.deepEqual(
    sent.map(({ sequence }) => sequence),
    sent.map((_, index) => (first + index) & 0xffff),
  )
  // What is missing of it can be asked for, as of anything else.
  const missing = padding.at(-1)?.sequence as number
  const before = sent.length
  assert.equal(sender.resend([numberOf(missing)], clock.nowMs() * 1000), false)
  clock.advance(20)
  assert.deepEqual(
    sent.slice(before).map(({ sequence }) => sequence),
    [missing],
  )
})
