import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from '../../../kernel/manual-clock.ts'
import { type AudioUnit, opusFrameSamples } from '../../contract/access-unit.ts'
import { toneLevel, toneSamples, VoiceEncoder, voicePacketSamples } from '../../testing/voice.ts'
import { positionAt, samplesToUs } from './samples/pcm.ts'
import { SoundMixer } from './sound-mixer.ts'
import { VoiceDecoder } from './voice/voice-decoder.ts'
import { VoiceDesk } from './voice/voice-desk.ts'

const baseHz = 300
const beginMs = 5_000

/** A source and its speakers in virtual time, with real Opus at both ends. */
class Studio implements Disposable {
  readonly clock = new ManualClock()
  readonly microphone: Float32Array[] = []
  readonly speaking: (readonly number[])[] = []
  readonly units: { readonly unit: AudioUnit; readonly onlyFor: number | undefined }[] = []
  rests = 0
  /** The source's own sound comes. */
  hasSound = true
  /** The source plays a tone; it is silent otherwise. */
  plays = false
  /** What a speaker says, in Hz. */
  readonly says = new Map<number, number>()
  readonly desk: VoiceDesk
  readonly mixer: SoundMixer
  readonly #encoders = new Map<number, VoiceEncoder>()
  readonly #sent = new Map<number, number>()

  constructor() {
    this.clock.advance(beginMs)
    const nowUs = () => this.clock.nowMs() * 1000
    this.desk = new VoiceDesk({
      clock: this.clock,
      nowUs,
      microphone: { play: (samples) => this.microphone.push(Float32Array.from(samples)), rest: () => this.rests++ },
      onSpeaking: (speakers) => this.speaking.push(speakers),
      onMade: () => this.mixer.fill(),
    })
    this.mixer = new SoundMixer({
      layout: 'stereo',
      desk: this.desk,
      nowUs,
      onUnit: ({ data, ...unit }, { onlyFor }) =>
        this.units.push({ unit: { ...unit, data: Uint8Array.from(data) }, onlyFor }),
    })
    this.mixer.setLayouts(['stereo'])
  }

  /** Time passes: speakers send a packet each 20 ms, the source's sound comes each 10 ms, 15 ms after it was captured. */
  pass(milliseconds: number): void {
    for (let passed = 0; passed < milliseconds; passed += 10) {
      this.clock.advance(10)
      const nowMs = this.clock.nowMs()
      if (nowMs % 20 === 0) for (const [speaker, hertz] of this.says) this.#say(speaker, hertz)
      if (this.hasSound) this.#play(nowMs - 15)
    }
  }

  /** What a viewer of this speaker hears: units of their own, and everybody's where there are none. */
  heardAs(speaker: number): Float32Array {
    const decoder = new VoiceDecoder()
    let place = -Infinity
    const samples: number[] = []
    for (const { unit, onlyFor } of this.units) {
      if ((onlyFor !== undefined && onlyFor !== speaker) || unit.positionSamples <= place) continue
      place = unit.positionSamples
      samples.push(...(decoder.decode(unit.data) ?? []))
    }
    decoder.close()
    return Float32Array.from(samples)
  }

  /** The units of one speaker, or of everybody, as sound from the one with this index on. */
  heardBy(onlyFor: number | undefined, from = 0): Float32Array {
    const decoder = new VoiceDecoder()
    const units = this.units.slice(from).filter((one) => one.onlyFor === onlyFor)
    const samples = units.flatMap(({ unit }) => [...(decoder.decode(unit.data) ?? [])])
    decoder.close()
    return Float32Array.from(samples)
  }

  [Symbol.dispose](): void {
    this.desk.close()
    this.mixer.close()
    for (const encoder of this.#encoders.values()) encoder[Symbol.dispose]()
  }

  #say(speaker: number, hertz: number): void {
    const encoder = this.#encoders.get(speaker) ?? new VoiceEncoder()
    this.#encoders.set(speaker, encoder)
    const at = this.#sent.get(speaker) ?? 1_000_000 * speaker
    this.#sent.set(speaker, at + voicePacketSamples)
    this.desk.push(speaker, { timestamp: at, data: encoder.encode(toneSamples(hertz, at, voicePacketSamples)) })
  }

  #play(capturedMs: number): void {
    const positionSamples = positionAt(capturedMs * 1000)
    const tone = toneSamples(baseHz, positionSamples, opusFrameSamples, this.plays ? 0.3 : 0)
    const pcm = Buffer.alloc(4 * opusFrameSamples)
    for (const [index, sample] of tone.entries()) {
      pcm.writeInt16LE(Math.round(sample * 32_767), 4 * index)
      pcm.writeInt16LE(Math.round(sample * 32_767), 4 * index + 2)
    }
    this.mixer.add({ pcm, captureUs: samplesToUs(positionSamples), positionSamples })
  }
}

const app = (speaker: number) => ({ speaker, app: true, members: false })
const both = (speaker: number) => ({ speaker, app: true, members: true })
const members = (speaker: number) => ({ speaker, app: false, members: true })

/** What is heard at the end of so much sound, when everything has settled. */
const settled = (samples: Float32Array) => samples.subarray(-9600)
const isThere = (samples: Float32Array, hertz: number) => toneLevel(settled(samples), hertz) > 0.2
const isAway = (samples: Float32Array, hertz: number) => toneLevel(settled(samples), hertz) < 0.01

test('everybody hears the source and all who speak, each speaker without themself', () => {
  using studio = new Studio()
  studio.plays = true
  studio.says.set(1, 500).set(2, 800)
  studio.desk.setSpeakers([both(1), members(2)])
  studio.pass(1000)
  const [all, first, second] = [studio.heardBy(undefined), studio.heardBy(1), studio.heardBy(2)]
  for (const hertz of [baseHz, 500, 800]) assert.ok(isThere(all, hertz), `${hertz} Hz for everybody`)
  for (const hertz of [baseHz, 800]) assert.ok(isThere(first, hertz), `${hertz} Hz for the first speaker`)
  assert.ok(isAway(first, 500), 'the first does not hear themself')
  for (const hertz of [baseHz, 500]) assert.ok(isThere(second, hertz), `${hertz} Hz for the second speaker`)
  assert.ok(isAway(second, 800), 'the second does not hear themself')
  const microphone = Float32Array.from(studio.microphone.flatMap((samples) => [...samples]))
  assert.ok(isThere(microphone, 500) && isAway(microphone, 800) && isAway(microphone, baseHz))
})

test('what only one speaker gets comes before what everybody gets of the same place, and places only grow', () => {
  using studio = new Studio()
  studio.says.set(1, 500)
  studio.pass(100)
  studio.desk.setSpeakers([members(1)])
  studio.pass(300)
  studio.desk.setSpeakers([])
  studio.pass(300)
  let place = -Infinity
  let own = -Infinity
  for (const { unit, onlyFor } of studio.units) {
    if (onlyFor === undefined) {
      assert.ok(unit.positionSamples >= place + opusFrameSamples || place === -Infinity)
      assert.equal(unit.positionSamples, place === -Infinity ? unit.positionSamples : place + opusFrameSamples)
      place = unit.positionSamples
    } else {
      assert.ok(unit.positionSamples > place && unit.positionSamples > own)
      own = unit.positionSamples
    }
  }
  assert.equal(studio.units.at(-1)?.onlyFor, undefined)
})

test('who speaks to the app alone is heard by nobody else, and costs no encoding', () => {
  using studio = new Studio()
  studio.says.set(1, 500)
  studio.desk.setSpeakers([app(1)])
  studio.pass(700)
  assert.ok(studio.microphone.length > 60)
  assert.ok(studio.units.every(({ onlyFor }) => onlyFor === undefined))
  assert.ok(isAway(studio.heardBy(undefined), 500))
})

test('silence is not sent after a while without voices, and is while somebody speaks', () => {
  using studio = new Studio()
  studio.pass(1500)
  const quiet = studio.units.length
  assert.ok(quiet < 60, `${quiet} units of silence`)
  studio.says.set(1, 500)
  studio.desk.setSpeakers([members(1)])
  studio.pass(500)
  const everybodys = studio.units.slice(quiet).filter(({ onlyFor }) => onlyFor === undefined)
  assert.equal(everybodys.length, 50)
  assert.equal(studio.units.slice(quiet).length, 100)
})

/** The greatest step from one sample to the next, as a multiple of what the tones in it can make. */
function steepest(samples: Float32Array, ...hertz: readonly number[]): number {
  const usual = 0.3 * 2 * Math.PI * (hertz.reduce((sum, one) => sum + one, 0) / 48_000)
  return samples.reduce((most, sample, at) => Math.max(most, Math.abs(sample - (samples[at - 1] ?? sample))), 0) / usual
}

/** A source that plays, with a voice in it for half a second; how many units there were when the voice was taken away. */
function passWithVoice(studio: Studio): number {
  studio.plays = true
  studio.says.set(1, 500)
  studio.pass(500)
  studio.desk.setSpeakers([members(1)])
  studio.pass(500)
  const before = studio.units.length
  studio.desk.setSpeakers([])
  studio.pass(500)
  return before
}

test('a mix begins and ends without a step, and a voice that is taken away is gone at once', () => {
  using studio = new Studio()
  const before = passWithVoice(studio)
  assert.ok(steepest(studio.heardBy(undefined).subarray(5000), baseHz, 500) < 1.5)
  const after = studio.heardBy(undefined, before)
  assert.ok(toneLevel(after.subarray(40 * 48, 140 * 48), 500) < 0.01, 'nothing is left after 40 ms')
  const own = studio.units.slice(before).filter(({ onlyFor }) => onlyFor === 1)
  assert.ok(own.length <= 24, `${own.length}: those that fade, and twenty until both encoders know the same`)
  assert.equal(studio.desk.voices.size, 0)
  assert.equal(studio.clock.pending, 0, 'nothing runs any more')
})

test('a speaker hears no seam where the own sound begins and ends', () => {
  using studio = new Studio()
  passWithVoice(studio)
  const heard = studio.heardAs(1).subarray(4800)
  assert.ok(steepest(heard, baseHz) < 1.1)
  for (let at = 0; at + 480 <= heard.length; at += 480) {
    const level = toneLevel(heard.subarray(at, at + 480), baseHz)
    assert.ok(level > 0.27 && level < 0.33, `${level} after ${at / 48} ms`)
  }
})

test('voices go on where the source has no sound, or when it stops, and the time line with them', () => {
  using studio = new Studio()
  studio.plays = true
  studio.says.set(1, 500)
  studio.desk.setSpeakers([members(1)])
  studio.pass(500)
  studio.hasSound = false
  studio.pass(1000)
  assert.ok(isThere(studio.heardBy(undefined), 500))
  assert.ok(isAway(studio.heardBy(undefined), baseHz))
  studio.hasSound = true
  studio.pass(500)
  assert.ok(isThere(studio.heardBy(undefined), baseHz))
  let place = -Infinity
  for (const { unit, onlyFor } of studio.units) {
    if (onlyFor !== undefined) continue
    assert.ok(unit.positionSamples > place)
    place = unit.positionSamples
  }
})

test('nothing is mixed while nobody listens', () => {
  using studio = new Studio()
  studio.hasSound = false
  studio.says.set(1, 500)
  studio.mixer.setLayouts([])
  studio.desk.setSpeakers([both(1)])
  studio.pass(500)
  assert.equal(studio.units.length, 0)
  assert.ok(studio.microphone.length > 40, 'but the app hears it')
})

test('who speaks is told a few times a second, and not for silence', () => {
  using studio = new Studio()
  studio.desk.setSpeakers([both(1), both(2)])
  studio.says.set(1, 500)
  studio.pass(1000)
  assert.deepEqual(studio.speaking, [[1]])
  studio.says.set(2, 800)
  studio.pass(500)
  studio.says.delete(1)
  studio.pass(1500)
  assert.deepEqual(studio.speaking, [[1], [1, 2], [2]])
  studio.desk.setSpeakers([])
  studio.pass(500)
  assert.deepEqual(studio.speaking.at(-1), [])
  assert.ok(studio.rests > 0)
})

test('eight who shout at once do not crack', () => {
  using studio = new Studio()
  studio.plays = true
  const all = Array.from({ length: 8 }, (_, index) => index + 1)
  for (const speaker of all) studio.says.set(speaker, 400 + 50 * speaker)
  studio.desk.setSpeakers(all.map(both))
  studio.pass(1500)
  const decoded = settled(studio.heardBy(undefined))
  assert.ok(decoded.filter((sample) => Math.abs(sample) > 0.995).length < decoded.length / 50)
  for (const speaker of all) assert.ok(toneLevel(decoded, 400 + 50 * speaker) > 0.05)
})

test('what comes of somebody who is no speaker, and what is no Opus, changes nothing', () => {
  using studio = new Studio()
  studio.desk.push(7, { timestamp: 0, data: Uint8Array.of(1, 2, 3) })
  studio.desk.setSpeakers([both(1)])
  for (let at = 0; at < 200; at++)
    studio.desk.push(1, { timestamp: at * 960, data: Uint8Array.of(0xfb, at, 255, 0, 3) })
  studio.pass(500)
  assert.ok(studio.microphone.every((samples) => samples.every((sample) => Math.abs(sample) < 1.001)))
  assert.equal(studio.units.filter(({ onlyFor }) => onlyFor === undefined).length, 50)
})
