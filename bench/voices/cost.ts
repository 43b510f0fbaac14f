import { ManualClock } from '../../src/kernel/manual-clock.ts'
import { opusFrameSamples } from '../../src/media/contract/access-unit.ts'
import { positionAt, samplesToUs } from '../../src/media/process/sound/samples/pcm.ts'
import { SoundMixer } from '../../src/media/process/sound/sound-mixer.ts'
import { VoiceDesk } from '../../src/media/process/sound/voice/voice-desk.ts'
import { toneSamples, VoiceEncoder, voicePacketSamples } from '../../src/media/testing/voice.ts'
import { seededRandom } from '../../src/kernel/seeded-random.ts'
import { table } from '../support/figures.ts'

const beginMs = 10_000
/** Rounds of all cases, one after the other, so that a machine that is busy now and then is so for each. */
const rounds = 6

interface Case {
  readonly name: string
  readonly speakers: number
  readonly members: boolean
}

const cases: readonly Case[] = [
  { name: 'plain sound track: one Opus encoding', speakers: 0, members: false },
  { name: 'one speaks to the app', speakers: 1, members: false },
  { name: 'one speaks, and the others hear it', speakers: 1, members: true },
  { name: 'eight speak, and the others hear them', speakers: 8, members: true },
]

/**
 * Processor time of the sound of one lobby, in virtual time and on one thread: decoding, jitter buffers, mixing, and one more encoding
 * for each who speaks. What the sound server takes is not in it.
 */
export function measureCost(seconds: number): string {
  const packets = speech(seconds)
  const sound = noise()
  const usedMs = cases.map(() => 0)
  for (const one of cases) run(one, { seconds: 1, packets, sound })
  for (let round = 0; round < rounds; round++) {
    for (const [index, one] of cases.entries())
      usedMs[index] = (usedMs[index] ?? 0) + run(one, { seconds, packets, sound })
  }
  const plainMs = usedMs[0] ?? Number.NaN
  const rows = cases.map(({ name }, index) => {
    const used = usedMs[index] ?? Number.NaN
    return [name, `${(used / (rounds * seconds * 10)).toFixed(2)} %`, (used / plainMs).toFixed(2)]
  })
  return table([`${rounds} × ${seconds} s of sound`, 'processor, of one core', 'times the plain track'], rows)
}

function run(
  { speakers, members }: Case,
  given: { seconds: number; packets: readonly Uint8Array[]; sound: Buffer },
): number {
  const { seconds, packets, sound } = given
  const clock = new ManualClock()
  clock.advance(beginMs)
  const nowUs = () => clock.nowMs() * 1000
  const desk = new VoiceDesk({
    clock,
    nowUs,
    microphone: { play() {}, rest() {} },
    onSpeaking() {},
    onMade: () => mixer.fill(),
  })
  const mixer: SoundMixer = new SoundMixer({ desk, layout: 'stereo', nowUs, onUnit() {} })
  mixer.setLayouts(['stereo'])
  const numbers = Array.from({ length: speakers }, (_, index) => index + 1)
  desk.setSpeakers(numbers.map((speaker) => ({ speaker, app: true, members })))
  const before = process.cpuUsage()
  for (let piece = 0; piece < seconds * 100; piece++) {
    clock.advance(10)
    if (piece % 2 === 0) {
      const at = piece / 2
      const data = packets[at % packets.length] ?? new Uint8Array()
      for (const speaker of numbers) desk.push(speaker, { timestamp: at * voicePacketSamples, data })
    }
    const positionSamples = positionAt(nowUs() - 15_000)
    const pcm = sound.subarray(4 * opusFrameSamples * (piece % 100), 4 * opusFrameSamples * ((piece % 100) + 1))
    mixer.add({ pcm, captureUs: samplesToUs(positionSamples), positionSamples })
  }
  const { user, system } = process.cpuUsage(before)
  desk.close()
  mixer.close()
  return (user + system) / 1000
}

/** Packets of a tone that glides, which costs a codec what a voice does. */
function speech(seconds: number): Uint8Array[] {
  using encoder = new VoiceEncoder()
  return Array.from({ length: seconds * 50 }, (_, at) => {
    return encoder.encode(toneSamples(180 + 120 * Math.sin(at / 20), at * voicePacketSamples, voicePacketSamples))
  })
}

/** A second of stereo that Opus spends its whole bitrate on. */
function noise(): Buffer {
  const random = seededRandom(7)
  const pcm = Buffer.alloc(4 * 48_000)
  for (let at = 0; at < pcm.length; at += 2) pcm.writeInt16LE(Math.round((random() - 0.5) * 8000), at)
  return pcm
}
