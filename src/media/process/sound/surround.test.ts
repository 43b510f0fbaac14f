import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { layoutFacts, type SoundLayout, soundLayouts } from '../../../domain/sound-layout.ts'
import { silentLog } from '../../../kernel/log.ts'
import { ManualClock } from '../../../kernel/manual-clock.ts'
import { type AudioUnit, opusFrameSamples } from '../../contract/access-unit.ts'
import { openMediaProcess } from '../../media-process.ts'
import { splitOpus } from '../../opus-packet.ts'
import { CollectingSink } from '../../testing/collecting-sink.ts'
import { PrivateDisplay } from '../../testing/private-display.ts'
import { PrivateSoundServer } from '../../testing/private-sound-server.ts'
import { SurroundDecoder } from '../../testing/surround-decoder.ts'
import { toneLevel } from '../../testing/voice.ts'
import { OpusEncoder } from './opus-encoder.ts'
import { bytesPerSample, sampleRate } from './samples/pcm.ts'
import { SoundMixer } from './sound-mixer.ts'
import { VoiceDesk } from './voice/voice-desk.ts'

const level = 0.2
/** Each speaker's own, so far apart that a tenth of a second tells them from each other. */
const hertzOf = (channel: number) => 300 + 200 * channel
const surround = ['5.1', '7.1'] as const

/** Tones of all speakers, or of some, from a sample on. */
function tones(layout: SoundLayout, from: number, samples: number, plays: (channel: number) => number = () => level) {
  const count = layoutFacts[layout].speakers.length
  const pcm = Buffer.alloc(samples * count * bytesPerSample)
  for (let at = 0; at < samples; at++) {
    for (let channel = 0; channel < count; channel++) {
      const value = plays(channel) * Math.sin((2 * Math.PI * hertzOf(channel) * (from + at)) / sampleRate)
      pcm.writeInt16LE(Math.round(32_767 * value), (at * count + channel) * bytesPerSample)
    }
  }
  return pcm
}

/** Which tones are in each channel, and how loud, to a hundredth. */
function heardIn(channels: readonly (readonly number[])[], from: SoundLayout): number[][] {
  return channels.map((samples) =>
    layoutFacts[from].speakers.map((_, tone) => Math.round(100 * toneLevel(samples, hertzOf(tone))) / 100),
  )
}

const near = (found: number, wanted: number) => Math.abs(found - wanted) <= 0.03

/** A source's sound mixed for those who listen in these layouts: what each of them decodes, after a while. */
function mixed(from: SoundLayout, to: readonly SoundLayout[], plays?: (channel: number) => number) {
  const clock = new ManualClock()
  const packets = new Map(to.map((layout): [SoundLayout, Uint8Array[]] => [layout, []]))
  const desk = new VoiceDesk({ clock, nowUs: () => 0, microphone: undefined, onSpeaking() {}, onMade() {} })
  const onUnit = ({ data }: AudioUnit, { layout }: { readonly layout: SoundLayout }) =>
    packets.get(layout)?.push(Uint8Array.from(data))
  const mixer = new SoundMixer({ desk, layout: from, nowUs: () => 0, onUnit })
  mixer.setLayouts(to)
  for (let frame = 0; frame < 40; frame++) {
    const positionSamples = frame * opusFrameSamples
    const pcm = tones(from, positionSamples, opusFrameSamples, plays)
    mixer.add({ pcm, captureUs: frame * 10_000, positionSamples })
  }
  mixer.close()
  return (layout: SoundLayout) => {
    using decoder = new SurroundDecoder(layoutFacts[layout].opus)
    return decoder.decodeAll(packets.get(layout) ?? []).map((samples) => samples.slice(-20 * opusFrameSamples))
  }
}

test('surround sound has packets of one length, whose halves sound like the whole', () => {
  for (const layout of surround) {
    const { opus } = layoutFacts[layout]
    const encoder = new OpusEncoder(layout)
    using whole = new SurroundDecoder(opus)
    using halves = new SurroundDecoder(opus)
    const lengths = new Set<number>()
    for (let frame = 0; frame < 30; frame++) {
      const pcm = tones(layout, frame * opusFrameSamples, opusFrameSamples, () => (frame < 20 ? level : 0))
      encoder.encode(pcm, (packet) => {
        const pair = splitOpus(packet, opus.streams) ?? assert.fail('it cannot be split')
        for (const { length } of [packet, ...pair]) lengths.add(length)
        const expected = whole.decode(packet)
        const [first = [], second = []] = pair.map((half) => halves.decode(half))
        for (const [index, channel] of expected.entries()) {
          assert.deepEqual([...(first[index] ?? []), ...(second[index] ?? [])], [...channel])
        }
      })
    }
    assert.equal(lengths.size, 2, [...lengths].join())
    encoder.close()
  }
})

test('each speaker of surround sound is heard from its own channel, and in stereo as ITU-R BS.775 says', () => {
  for (const layout of surround) {
    const decoded = mixed(layout, [layout, 'stereo'])
    const count = layoutFacts[layout].speakers.length
    for (const [channel, found] of heardIn(decoded(layout), layout).entries()) {
      for (const [tone, loud] of found.entries()) {
        assert.ok(near(loud, tone === channel ? level : 0), `${layout}: ${tone} in ${channel} is ${loud}`)
      }
    }
    const half = level * Math.SQRT1_2
    const wanted = [
      [level, 0, half, 0, half, 0, half, 0].slice(0, count),
      [0, level, half, 0, 0, half, 0, half].slice(0, count),
    ]
    for (const [side, found] of heardIn(decoded('stereo'), layout).entries()) {
      for (const [tone, loud] of found.entries()) {
        assert.ok(near(loud, wanted[side]?.[tone] ?? NaN), `${layout}: ${tone} on side ${side} is ${loud}`)
      }
    }
  }
})

test('what is beside is behind in 5.1, and a layout with more speakers than the sound leaves them silent', () => {
  const [fromSeven] = [heardIn(mixed('7.1', ['5.1'])('5.1'), '7.1')]
  assert.ok(near(fromSeven[4]?.[4] ?? 0, level) && near(fromSeven[4]?.[6] ?? 0, level), JSON.stringify(fromSeven[4]))
  assert.ok(near(fromSeven[5]?.[7] ?? 0, level) && near(fromSeven[3]?.[3] ?? 0, level))
  for (const layout of surround) {
    const channels = mixed('stereo', [layout])(layout)
    const loudest = channels.map((samples) => Math.max(...samples.map(Math.abs)))
    assert.ok(loudest.slice(0, 2).every((peak) => near(peak, level)))
    assert.ok(
      loudest.slice(2).every((peak) => peak < 0.001),
      loudest.join(),
    )
  }
})

test('a downmix of channels that are all as loud as can be does not crack', () => {
  const decoded = mixed('7.1', ['stereo'], () => 0.95)('stereo')
  for (const [side, samples] of decoded.entries()) {
    assert.ok(samples.filter((sample) => Math.abs(sample) > 0.995).length < samples.length / 100)
    assert.ok(toneLevel(samples, hertzOf(side)) > 0.2)
  }
})

test('nothing is encoded in a layout in which nobody listens', () => {
  for (const layout of soundLayouts) {
    const decoded = mixed('5.1', [layout])
    for (const other of soundLayouts) assert.equal(decoded(other)[0]?.length === 0, other !== layout)
  }
})

test('a sink of 5.1 or 7.1 is heard channel by channel, and mixed down by those who take stereo', async () => {
  await using display = await PrivateDisplay.open(320, 180)
  await using process = await openMediaProcess({ name: 'test', log: silentLog })
  const { name, authorityFile } = display
  const screen = { kind: 'x11', display: name, authorityFile, fps: 30 } as const
  const hear = async (layout: SoundLayout) => {
    await using sound = await PrivateSoundServer.open(layout)
    await using producer = process.addProducer(layout, { ...screen, sound })
    const request = { codecs: [], bitrateBps: 1_000_000, audio: true } as const
    const sinks = { surround: new CollectingSink(), stereo: new CollectingSink(), too: new CollectingSink() }
    const watches = [
      producer.watch({ ...request, soundLayout: layout }, sinks.surround),
      producer.watch(request, sinks.stereo),
      producer.watch({ ...request, soundLayout: layout }, sinks.too),
    ]
    assert.deepEqual(
      watches.map((watch) => watch.sound.value),
      [layout, 'stereo', layout],
    )
    await sinks.surround.sound()
    const player = sound.play()
    player.stdin?.end(tones(layout, 0, 1.5 * sampleRate))
    await once(player, 'exit')
    assert.ok(
      sinks.too.sounds.every((unit) => sinks.surround.sounds.includes(unit)),
      'encoded once',
    )
    for (const [channel, found] of loudestOf(sinks.surround, layout, layout).entries()) {
      for (const [tone, share] of sharesOf(found, channel).entries()) {
        assert.ok(tone === channel || share < 0.2, `${layout}: tone ${tone} in ${channel} is ${share} of its own`)
      }
    }
    const sides = loudestOf(sinks.stereo, 'stereo', layout)
    const [left = [], right = []] = sides.map((found, side) => sharesOf(found, side))
    const half = Math.SQRT1_2
    const isNear = (share: number | undefined, wanted: number) => Math.abs((share ?? NaN) - wanted) < 0.15
    const said = `${layout}: ${left.join()} | ${right.join()}`
    assert.ok(isNear(left[1], 0) && isNear(right[0], 0), `in front: ${said}`)
    assert.ok(isNear(left[2], half) && isNear(right[2], half), `the centre: ${said}`)
    assert.ok(isNear(left[3], 0) && isNear(right[3], 0), `low frequencies: ${said}`)
    assert.ok(isNear(left[4], half) && isNear(right[4], 0) && isNear(right[5], half), `behind: ${said}`)
  }
  for (const layout of surround) await hear(layout)
})

/** A twentieth of a second: whole periods of all tones, and on a busy machine many of them are without a hole. */
const windowSamples = sampleRate / 20

/** Which tones are in each channel where the first two are heard best apart. */
function loudestOf({ sounds }: CollectingSink, layout: SoundLayout, from: SoundLayout): number[][] {
  using decoder = new SurroundDecoder(layoutFacts[layout].opus)
  const channels = decoder.decodeAll(sounds.map(({ data }) => data))
  const quality = ([left = [], right = []]: readonly number[][]) =>
    (left[0] ?? 0) + (right[1] ?? 0) - (left[1] ?? 0) - (right[0] ?? 0)
  const windows = Array.from({ length: Math.floor((2 * (channels[0]?.length ?? 0)) / windowSamples) - 1 }, (_, at) => {
    const begin = (at * windowSamples) / 2
    return heardIn(
      channels.map((samples) => samples.slice(begin, begin + windowSamples)),
      from,
    )
  })
  const best = windows.reduce((one, other) => (quality(other) > quality(one) ? other : one))
  assert.ok(
    best.every((found, channel) => (found[channel] ?? 0) > level / 2),
    JSON.stringify(best),
  )
  return best
}

/** How loud each tone is beside one of them. */
function sharesOf(found: readonly number[], channel: number): number[] {
  return found.map((loud) => loud / (found[channel] ?? NaN))
}
