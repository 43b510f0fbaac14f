import assert from 'node:assert/strict'
import { test } from 'node:test'
import { silentLog } from '../kernel/log.ts'
import { ManualClock } from '../kernel/manual-clock.ts'
import { openMediaProcess } from './media-process.ts'
import { VoiceDecoder } from './process/sound/voice/voice-decoder.ts'
import { EncoderBudget } from './encoder-budget.ts'
import { SourceProducer } from './source-producer.ts'
import { CollectingSink } from './testing/collecting-sink.ts'
import { ScriptedProcess } from './testing/scripted-process.ts'
import { toneLevel, toneSamples, VoiceEncoder, voicePacketSamples } from './testing/voice.ts'
import { maxVoiceBytes, mostSpeakers } from './contract/voice.ts'

const card = { kind: 'test-pattern', width: 320, height: 180, fps: 10, title: '', lines: [], tone: undefined } as const
const request = { codecs: ['h264'], bitrateBps: 1_000_000, audio: true } as const
const unit = (first: number) => ({ timestamp: 1, data: Uint8Array.of(first) })

function setUp() {
  const process = new ScriptedProcess()
  const producer = new SourceProducer({
    id: 'p',
    spec: card,
    port: process,
    clock: new ManualClock(),
    random: () => 0.5,
    log: silentLog,
    canEncode: () => true,
    budget: new EncoderBudget(),
  })
  producer.processUp()
  process.live()
  const speakers = () => process.orders.findLast((order) => order.type === 'speakers')?.speakers ?? []
  return { process, producer, speakers }
}

test('a speaker gets the sound that was made without them, everybody else the other, each place once', () => {
  const { process, producer } = setUp()
  const [ada, ben, guest] = [new CollectingSink(), new CollectingSink(), new CollectingSink()]
  producer.watch({ ...request, listener: 'ada' }, ada)
  producer.watch({ ...request, listener: 'ben' }, ben)
  producer.watch(request, guest)
  producer.voices.setSpeakers([
    { id: 'ada', app: true, members: true },
    { id: 'ben', app: true, members: false },
  ])
  process.tick()
  producer.voices.setSpeakers([])
  process.tick()
  const heard = ({ sounds }: CollectingSink) => sounds.map(({ data }) => [...data])
  assert.deepEqual(heard(ada), [[2, 1], [2]])
  assert.deepEqual(heard(ben), [[2], [2]])
  assert.deepEqual(heard(guest), [[2], [2]])
})

test('only speakers are handed on, with a number of their own, and nothing that is too long', () => {
  const { process, producer, speakers } = setUp()
  const { voices } = producer
  voices.speak('ada', unit(1))
  voices.setSpeakers([{ id: 'ada', app: true, members: false }])
  voices.speak('ada', unit(2))
  voices.speak('ben', unit(3))
  voices.speak('ada', { timestamp: 1, data: new Uint8Array(maxVoiceBytes + 1) })
  voices.setSpeakers([{ id: 'ben', app: false, members: true }])
  voices.speak('ada', unit(4))
  voices.speak('ben', unit(5))
  assert.deepEqual(
    process.voices.map(({ speaker, unit: { data } }) => [speaker, ...data]),
    [
      [1, 2],
      [2, 5],
    ],
  )
  assert.deepEqual(speakers(), [{ speaker: 2, app: false, members: true }])
  voices.setSpeakers(Array.from({ length: 12 }, (_, index) => ({ id: `s${index}`, app: true, members: true })))
  assert.equal(speakers().length, mostSpeakers)
})

test('a process that comes anew is told who speaks; who was heard to speak is not any more', () => {
  const { process, producer, speakers } = setUp()
  producer.voices.setSpeakers([{ id: 'ada', app: true, members: true }])
  const told: (readonly string[])[] = []
  producer.voices.speaking.subscribe((speaking) => told.push(speaking))
  process.hear([1, 9])
  process.hear([1])
  producer.processDown('it died')
  process.orders.length = 0
  producer.processUp()
  assert.deepEqual(speakers(), [{ speaker: 1, app: true, members: true }])
  process.hear([1])
  producer.voices.setSpeakers([])
  assert.deepEqual(told, [['ada'], [], ['ada'], []])
})

test('what one says is heard by the others through the media process, and by nobody else', async () => {
  await using process = await openMediaProcess({ name: 'test', log: silentLog })
  const producer = process.addProducer('card', card)
  const [ada, ben] = [new CollectingSink(), new CollectingSink()]
  producer.watch({ ...request, listener: 'ada' }, ada)
  producer.watch({ ...request, listener: 'ben' }, ben)
  producer.voices.setSpeakers([{ id: 'ada', app: true, members: true }])
  using encoder = new VoiceEncoder()
  const speaking = Promise.withResolvers<void>()
  producer.voices.speaking.subscribe((who) => {
    if (who.includes('ada')) speaking.resolve()
  })
  const beginMs = performance.now()
  let said = 0
  const timer = setInterval(() => {
    for (; said * 20 < performance.now() - beginMs; said++) {
      const at = said * voicePacketSamples
      const data = encoder.encode(toneSamples(500, at, voicePacketSamples))
      producer.voices.speak('ada', { timestamp: at, data })
    }
  }, 10)
  try {
    await speaking.promise
    await ben.sound(() => true, ben.sounds.length + 60)
    await ada.sound(() => true, ben.sounds.length - 20)
  } finally {
    clearInterval(timer)
  }
  const level = ({ sounds }: CollectingSink) => {
    const decoder = new VoiceDecoder()
    const samples = sounds.flatMap(({ data }) => [...(decoder.decode(data) ?? [])])
    decoder.close()
    return toneLevel(samples.slice(-14_400), 500)
  }
  assert.ok(level(ben) > 0.15, `the other hears ${level(ben)}`)
  assert.ok(level(ada) < 0.005, `the speaker hears ${level(ada)}`)
})
