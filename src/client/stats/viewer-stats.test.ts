import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readSample } from './read-sample.ts'
import { deriveStats, type StatsSample } from './viewer-stats.ts'

const start: StatsSample = {
  atMs: 1000,
  videoBytes: 1000,
  audioBytes: 0,
  packetsReceived: 10,
  packetsLost: 1,
  framesDecoded: 30,
  framesDropped: 0,
  decodeS: 0.1,
  jitterBufferS: 1,
  jitterBufferFrames: 30,
  freezes: 0,
  frozenS: 0,
  codec: 'H264',
  width: 1280,
  height: 720,
  roundTripS: 0.012,
  path: 'direct',
}
const beside = { host: undefined, signallingRoundTripMs: 7, frozen: { freezes: 1, frozenMs: 250 } }

test('deriveStats says what happened between two samples', () => {
  const later = {
    ...start,
    atMs: 2000,
    videoBytes: 501_000,
    audioBytes: 16_000,
    packetsReceived: 109,
    packetsLost: 2,
    framesDecoded: 90,
    decodeS: 0.22,
    jitterBufferS: 1.6,
    jitterBufferFrames: 90,
  }
  const stats = deriveStats(start, later, beside)
  assert.equal(stats.framesPerSecond, 60)
  assert.equal(stats.videoBps, 4_000_000)
  assert.equal(stats.audioBps, 128_000)
  assert.equal(stats.lossRatio, 0.01)
  assert.equal(stats.roundTripMs, 12)
  assert.ok(Math.abs((stats.jitterBufferMs ?? 0) - 10) < 1e-9)
  assert.ok(Math.abs((stats.decodeMs ?? 0) - 2) < 1e-9)
  assert.equal(stats.frozenMs, 250)
})

test('deriveStats knows no rates from one sample, and takes the round trip from signalling if need be', () => {
  const stats = deriveStats(undefined, { ...start, roundTripS: undefined }, beside)
  assert.equal(stats.framesPerSecond, undefined)
  assert.equal(stats.videoBps, undefined)
  assert.equal(stats.lossRatio, undefined)
  assert.equal(stats.roundTripMs, 7)
  assert.equal(stats.codec, 'H264')
})

test('deriveStats never counts backwards', () => {
  const stats = deriveStats(start, { ...start, atMs: 2000, framesDecoded: 3, packetsLost: 0 }, beside)
  assert.equal(stats.framesPerSecond, 0)
  assert.equal(stats.lossRatio, undefined)
})

const entry = (id: string, type: RTCStatsType, fields: object) => {
  return [id, { id, type, timestamp: 5000, ...fields }] as const
}

test('readSample follows a report from the streams to codec and path', () => {
  const report = new Map([
    entry('V', 'inbound-rtp', { kind: 'video', codecId: 'C', framesDecoded: 12, bytesReceived: 99, frameWidth: 640 }),
    entry('A', 'inbound-rtp', { kind: 'audio', bytesReceived: 7 }),
    entry('C', 'codec', { mimeType: 'video/VP8' }),
    entry('P0', 'candidate-pair', { nominated: false, state: 'succeeded', currentRoundTripTime: 9 }),
    entry('P', 'candidate-pair', {
      nominated: true,
      state: 'succeeded',
      currentRoundTripTime: 0.02,
      localCandidateId: 'L',
      remoteCandidateId: 'R',
    }),
    entry('L', 'local-candidate', { candidateType: 'relay' }),
    entry('R', 'remote-candidate', { candidateType: 'host' }),
  ])
  const sample = readSample(report)
  assert.equal(sample.atMs, 5000)
  assert.equal(sample.codec, 'VP8')
  assert.equal(sample.framesDecoded, 12)
  assert.equal(sample.audioBytes, 7)
  assert.equal(sample.roundTripS, 0.02)
  assert.equal(sample.path, 'relayed')
})

test('readSample reads an empty report as nothing yet', () => {
  const sample = readSample(new Map())
  assert.equal(sample.framesDecoded, 0)
  assert.equal(sample.path, undefined)
})
