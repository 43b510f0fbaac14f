import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { systemClock } from '../../../kernel/clock.ts'
import { silentLog } from '../../../kernel/log.ts'
import { openMediaProcess } from '../../media-process.ts'
import { monotonicUs } from '../../contract/monotonic.ts'
import type { AudioUnit } from '../../contract/access-unit.ts'
import { CollectingSink } from '../../testing/collecting-sink.ts'
import { PrivateDisplay } from '../../testing/private-display.ts'
import { PrivateSoundServer } from '../../testing/private-sound-server.ts'
import { bytesPerSample, sampleRate } from './samples/pcm.ts'
import { RecordedTrack } from './recorded-track.ts'
import { SoundEncoder } from './sound-encoder.ts'

const stereoBytes = 2 * bytesPerSample

/** A square wave of this many seconds. */
function noise(seconds: number): Buffer {
  const samples = Math.round(seconds * sampleRate)
  const pcm = Buffer.alloc(samples * stereoBytes)
  for (let at = 0; at < samples; at++)
    pcm.writeInt32LE(Math.floor(at / 50) % 2 === 0 ? 0x20002000 : 0, at * stereoBytes)
  return pcm
}

/** A track and its encoder. */
function record(server: PrivateSoundServer, onUnit: (unit: AudioUnit) => void) {
  const encoder = new SoundEncoder('stereo', onUnit)
  const track = new RecordedTrack({
    clock: systemClock,
    log: () => {},
    sound: server,
    onFrame: (frame) => encoder.encode(frame),
  })
  return {
    setOn: (on: boolean) => track.setOn(on),
    async close() {
      await track.close()
      encoder.close()
    },
  }
}

/** Silence in Opus is a few bytes; anything else is not. */
const isLoud = ({ data }: AudioUnit) => data.length > 20

test('what is played on a sink arrives as units on the time line of the monotonic clock, soon', async () => {
  await using server = await PrivateSoundServer.open()
  const sink = new CollectingSink()
  const ages: number[] = []
  const track = record(server, (unit) => {
    ages.push(monotonicUs() - unit.captureUs)
    sink.audio({ ...unit, data: Uint8Array.from(unit.data) })
  })
  track.setOn(true)
  await sink.sound()
  const player = server.play()
  player.stdin?.end(noise(1.5))
  const first = await sink.sound(isLoud)
  await once(player, 'exit')
  const loud = sink.sounds.filter(isLoud)
  assert.ok(loud.length >= 120, `${loud.length} loud units`)
  for (const [index, unit] of sink.sounds.entries()) {
    const before = sink.sounds[index - 1]
    if (before) assert.ok(unit.positionSamples >= before.positionSamples + 480, 'positions overlap')
    assert.ok(Math.abs(unit.captureUs - (unit.positionSamples * 1e6) / sampleRate) < 50_000)
  }
  assert.ok(first.captureUs <= monotonicUs())
  const median = ages.toSorted((a, b) => a - b)[ages.length >> 1] ?? Infinity
  assert.ok(median < 60_000, `the median age is ${median} µs`)
  await track.close()
})

test('silence is sent sparsely after half a second', async () => {
  await using server = await PrivateSoundServer.open()
  const sink = new CollectingSink()
  const track = record(server, (unit) => sink.audio(unit))
  track.setOn(true)
  const sparse = await sink.sound((unit) => {
    const before = sink.sounds[sink.sounds.indexOf(unit) - 1]
    return before !== undefined && unit.positionSamples - before.positionSamples === 20 * 480
  })
  assert.ok(sink.sounds.indexOf(sparse) <= 55)
  await track.close()
})

test('sound comes again when its server was killed and started again, and the picture goes on meanwhile', async () => {
  await using server = await PrivateSoundServer.open()
  await using display = await PrivateDisplay.open(320, 180)
  await using process = await openMediaProcess({ name: 'test', log: silentLog })
  const sink = new CollectingSink()
  const { name, authorityFile } = display
  const producer = process.addProducer('screen', { kind: 'x11', display: name, authorityFile, fps: 30, sound: server })
  producer.watch({ codecs: ['h264'], bitrateBps: 1_000_000, audio: true }, sink)
  const before = await sink.sound()
  await server.kill()
  const pictures = sink.pictures.length
  await display.client('xsetroot', '-solid', 'red')
  await sink.picture(() => true, pictures)
  const heard = sink.sounds.length
  await server.start()
  const after = await sink.sound(() => true, heard)
  assert.ok(after.positionSamples > before.positionSamples)
  assert.equal(producer.state.value.status, 'live')
})

test('nothing is recorded while nobody listens', async () => {
  await using server = await PrivateSoundServer.open()
  const sink = new CollectingSink()
  const track = record(server, (unit) => sink.audio(unit))
  track.setOn(true)
  await sink.sound()
  track.setOn(false)
  const heard = sink.sounds.length
  const player = server.play()
  player.stdin?.end(noise(0.3))
  await once(player, 'exit')
  assert.equal(sink.sounds.length, heard)
  await track.close()
})
