import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BitrateController } from '../../net/congestion/bitrate-controller.ts'
import { encodeRtcp, type RtcpPacket } from '../../wire/rtp/rtcp.ts'
import { createCounters } from '../gateway-counters.ts'
import { controlReader } from './control-reader.ts'
import type { MediaSender } from './media-sender.ts'

const ssrcs = { video: 1111, audio: 2222 }

/** A reader whose controller and sender note what they are told. */
function openReader() {
  const told: string[] = []
  const controller = {
    roundTripMs: 20,
    onArrivals: ({ first }: { first: number }) => told.push(`arrivals from ${first}`),
    onLosses: (fraction: number) => told.push(`lost ${fraction}`),
    onReceiverLimit: (bitrateBps: number) => told.push(`at most ${bitrateBps}`),
    onRoundTrip: () => {},
  } as unknown as BitrateController
  const sender = {
    newestSent: 65_536,
    resend: (sequences: readonly number[]) => {
      told.push(`missing ${sequences.join()}`)
      return false
    },
  } as unknown as MediaSender
  const counters = createCounters()
  const read = controlReader({
    ssrcs,
    controller,
    sender,
    counters,
    epochMs: () => 0,
    nowUs: () => 0,
    onPictureLost: () => told.push('picture lost'),
    onMalformed: () => told.push('malformed'),
  })
  return { told, counters, read: (packets: readonly RtcpPacket[]) => read(bytesOf(packets)), readRaw: read }
}

const bytesOf = (packets: readonly RtcpPacket[]) => encodeRtcp(packets, { ssrc: 3333, name: 'viewer' })

function feedback(mediaSsrc: number, baseSequence: number): RtcpPacket {
  return {
    type: 'transport-feedback',
    senderSsrc: 3333,
    mediaSsrc,
    feedbackCount: 0,
    baseSequence,
    referenceTimeUs: 0,
    deltasUs: Int32Array.of(250),
  }
}

const nack: RtcpPacket = { type: 'nack', senderSsrc: 3333, mediaSsrc: ssrcs.video, sequences: [7, 8] }

test('controlReader reads all of a compound packet, whichever stream a part of it names', () => {
  const { told, counters, read } = openReader()
  read([feedback(ssrcs.audio, 10), feedback(ssrcs.video, 20), nack])
  assert.deepEqual(told, ['arrivals from 65546', 'arrivals from 65556', 'missing 7,8'])
  assert.deepEqual([counters.nacks, counters.packetsMissed], [1, 2])
})

test('controlReader asks for a key picture for the pictures it sends, and for no other stream', () => {
  const { told, counters, read } = openReader()
  for (const mediaSsrc of [ssrcs.video, ssrcs.audio, 4444]) {
    read([{ type: 'picture-loss', senderSsrc: 3333, mediaSsrc }])
  }
  assert.deepEqual(told, ['picture lost'])
  assert.equal(counters.keyframeRequests, 1)
})

test('controlReader counts what it cannot read', () => {
  const { told, counters, readRaw } = openReader()
  readRaw(Uint8Array.of(0x80, 205, 0, 9))
  assert.deepEqual(told, ['malformed'])
  assert.equal(counters.malformedControl, 1)
})
