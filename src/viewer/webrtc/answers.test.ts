import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeRtcp, type RtcpPacket } from '../../wire/rtp/rtcp.ts'
import { createCounters } from '../contract/gateway-counters.ts'
import { rtcpReader } from './answers.ts'

const ssrcs = { video: 1111, audio: 2222 }

/** A reader that notes what it tells of. */
function openReader() {
  const told: string[] = []
  const counters = createCounters()
  const read = rtcpReader({
    ssrcs,
    newest: () => ({ report: 65_536, picture: 131_080 }),
    events: {
      arrivals: ({ first }) => told.push(`arrivals from ${first}`),
      losses: (share) => told.push(`lost ${share}`),
      roundTrip: () => {},
      receiverLimit: (bitrateBps) => told.push(`at most ${bitrateBps}`),
      missing: (numbers) => told.push(`missing ${numbers.join()}`),
      pictureLost: () => told.push('picture lost'),
    },
    counters,
    epochMs: () => 0,
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

const nack: RtcpPacket = { type: 'nack', senderSsrc: 3333, mediaSsrc: ssrcs.video, sequences: [7, 65_535] }

test('rtcpReader reads all of a compound packet, whichever stream a part of it names', () => {
  const { told, counters, read } = openReader()
  read([feedback(ssrcs.audio, 10), feedback(ssrcs.video, 20), nack])
  assert.deepEqual(told, ['arrivals from 65546', 'arrivals from 65556', 'missing 131079,131071'])
  assert.deepEqual([counters.nacks, counters.packetsMissed], [1, 2])
})

test('rtcpReader asks for a key picture for the pictures it sends, and for no other stream', () => {
  const { told, read } = openReader()
  for (const mediaSsrc of [ssrcs.video, ssrcs.audio, 4444]) {
    read([{ type: 'picture-loss', senderSsrc: 3333, mediaSsrc }])
  }
  assert.deepEqual(told, ['picture lost'])
})

test('rtcpReader counts what it cannot read', () => {
  const { told, counters, readRaw } = openReader()
  readRaw(Uint8Array.of(0x80, 205, 0, 9))
  assert.deepEqual(told, ['malformed'])
  assert.equal(counters.malformedControl, 1)
})
