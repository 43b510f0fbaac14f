import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../../test/support/fast-check.ts'
import { opusFrameSamples } from '../../contract/access-unit.ts'
import { joinOpus, splitOpus } from '../../opus-packet.ts'
import { OpusEncoder } from './opus-encoder.ts'
import { bytesPerSample, frameBytesOf, positionAt, samplesToUs } from './samples/pcm.ts'
import { type PcmFrame, PcmInlet } from './samples/pcm-inlet.ts'
import { SilenceGate } from './silence-gate.ts'
import { toneFrame } from './samples/tone.ts'
import { VoiceDecoder } from './voice/voice-decoder.ts'

const startUs = 5_000_000
const frameBytes = frameBytesOf(2)
const chunkOf = (milliseconds: number) => Buffer.alloc(milliseconds * 48 * 2 * bytesPerSample)

test('PcmInlet gives every sample the time at which it was captured', () => {
  const frames: PcmFrame[] = []
  const inlet = new PcmInlet({ position: 0, channels: 2, onFrame: (frame) => frames.push(frame) })
  for (let at = 1; at <= 50; at++) inlet.push(chunkOf(10), startUs + at * 10_000)
  assert.equal(frames.length, 50)
  for (const [index, { captureUs, positionSamples }] of frames.entries()) {
    assert.ok(Math.abs(captureUs - (startUs + index * 10_000)) < 100)
    assert.equal(positionSamples, positionAt(startUs) + index * opusFrameSamples)
  }
})

test('PcmInlet drops what has waited too long, keeps the time line and is in time afterwards', () => {
  const frames: (PcmFrame & { ageUs: number })[] = []
  let nowUs = startUs
  const inlet = new PcmInlet({
    position: 0,
    channels: 2,
    onFrame: (frame) => frames.push({ ...frame, ageUs: nowUs - frame.captureUs }),
  })
  const push = (milliseconds: number, atMs: number) => {
    nowUs = startUs + atMs * 1000
    inlet.push(chunkOf(milliseconds), nowUs)
  }
  push(10, 10)
  push(10, 20)
  // A pause of 300 ms, after which all that was recorded meanwhile comes in two pieces.
  push(200, 320)
  push(100, 321)
  push(10, 331)
  push(10, 341)
  assert.ok(
    frames.every(({ ageUs }) => ageUs <= 52_000),
    JSON.stringify(frames.map(({ ageUs }) => ageUs)),
  )
  assert.ok(inlet.droppedSamples > 200 * 48)
  const last = frames.at(-1) ?? assert.fail('no frame')
  assert.equal(last.positionSamples, positionAt(startUs) + 330 * 48)
  assert.equal(inlet.lateForUs(nowUs), 0)
})

test('PcmInlet says for how long everything has come late', () => {
  const inlet = new PcmInlet({ position: 0, channels: 2, onFrame() {} })
  inlet.push(chunkOf(10), startUs)
  for (let at = 0; at <= 100; at++) inlet.push(chunkOf(10), startUs + 200_000 + at * 10_000)
  assert.ok(inlet.lateForUs(startUs + 1_200_000) >= 900_000)
})

test('PcmInlet never goes back on the time line, however the chunks come', () => {
  const chunks = fc.array(fc.tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 0, max: 200 })), {
    maxLength: 60,
  })
  fc.assert(
    fc.property(chunks, fc.nat(10), (arrivals, earlier) => {
      let position = positionAt(startUs) + earlier * opusFrameSamples
      const onFrame = (frame: PcmFrame) => {
        assert.ok(frame.positionSamples >= position)
        assert.equal(frame.pcm.length, frameBytes)
        position = frame.positionSamples + opusFrameSamples
      }
      const inlet = new PcmInlet({ position, channels: 2, onFrame })
      let nowUs = startUs
      for (const [milliseconds, pauseMs] of arrivals) {
        nowUs += pauseMs * 1000
        inlet.push(chunkOf(milliseconds), nowUs)
      }
    }),
  )
})

test('SilenceGate lets half a second of silence pass, then every twentieth frame, and all sound', () => {
  const gate = new SilenceGate()
  const admitted = Array.from({ length: 90 }, () => gate.admits(true))
  assert.deepEqual(
    admitted.flatMap((yes, index) => (yes && index >= 50 ? [index] : [])),
    [69, 89],
  )
  assert.ok(admitted.slice(0, 50).every(Boolean))
  assert.ok(gate.admits(false))
  assert.ok(gate.admits(true))
})

test('toneFrame goes on without a step from one frame to the next, also over the second', () => {
  const pcm = Buffer.concat(Array.from({ length: 120 }, (_, index) => toneFrame(0.4 + index / 100)))
  let last = pcm.readInt16LE(0)
  for (let at = 0; at < pcm.length; at += 2 * bytesPerSample) {
    const sample = pcm.readInt16LE(at)
    assert.ok(Math.abs(sample - last) < 600, `a step from ${last} to ${sample}`)
    assert.equal(sample, pcm.readInt16LE(at + 2))
    last = sample
  }
})

test('toneFrame beeps at the second only', () => {
  const loudness = (seconds: number) => {
    const frame = Buffer.from(toneFrame(seconds))
    return Math.max(...Array.from({ length: opusFrameSamples }, (_, index) => Math.abs(frame.readInt16LE(index * 4))))
  }
  assert.ok(loudness(0.02) > 4 * loudness(0.5))
})

test('OpusEncoder gives one packet for each frame', () => {
  const opus = new OpusEncoder('stereo')
  const sizes: number[] = []
  for (let at = 0; at < 20; at++) opus.encode(toneFrame(at / 100), (data) => sizes.push(data.length))
  opus.close()
  assert.ok(sizes.length >= 19 && sizes.every((size) => size > 2 && size < 1276))
  assert.equal(samplesToUs(opusFrameSamples), 10_000)
})

test('OpusEncoder makes packets of one length, silence included, whose halves sound like the whole', () => {
  const encoder = new OpusEncoder('stereo')
  const [whole, halves] = [new VoiceDecoder(), new VoiceDecoder()]
  for (let at = 0; at < 30; at++) {
    const pcm = at < 20 ? toneFrame(at / 100) : new Uint8Array(frameBytes)
    const packets: Uint8Array[] = []
    encoder.encode(pcm, (data) => packets.push(Uint8Array.from(data)))
    const [packet = assert.fail('no packet')] = packets
    assert.deepEqual([packets.length, packet.length], [1, 159])
    const pair = splitOpus(packet) ?? assert.fail('it cannot be split')
    assert.deepEqual(joinOpus(...pair), packet)
    const expected = whole.decode(packet) ?? assert.fail('it cannot be decoded')
    assert.equal(expected.length, opusFrameSamples)
    const heard = pair.flatMap((half) => [...(halves.decode(half) ?? [])])
    assert.deepEqual(heard, [...expected])
  }
  for (const one of [encoder, whole, halves]) one.close()
})
