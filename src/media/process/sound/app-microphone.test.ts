import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock, type Clock } from '../../../kernel/clock.ts'
import { ManualClock } from '../../../kernel/manual-clock.ts'
import { opusFrameSamples } from '../../contract/access-unit.ts'
import { PrivateSoundServer } from '../../testing/private-sound-server.ts'
import { toneLevel, toneSamples } from '../../testing/voice.ts'
import { AppMicrophone } from './app-microphone.ts'

const hertz = 500

function openMicrophone({ server, cookieFile }: PrivateSoundServer, clock: Clock) {
  const log: string[] = []
  const options = { server, cookieFile, sink: 'app', clock, log: (message: string) => void log.push(message) }
  return { microphone: new AppMicrophone(options), log }
}

/** Speaks 10 ms every 10 ms until it is disposed of. */
function speak(microphone: AppMicrophone): Disposable {
  const beginMs = systemClock.nowMs()
  let spoken = 0
  const timer = systemClock.every(10, () => {
    for (; spoken * 10 < systemClock.nowMs() - beginMs; spoken++) {
      microphone.play(toneSamples(hertz, spoken * opusFrameSamples, opusFrameSamples))
    }
  })
  return { [Symbol.dispose]: () => timer.cancel() }
}

/** Records until the tone has been there for a second, and returns that second. */
async function untilHeard(server: PrivateSoundServer): Promise<Float32Array> {
  const recorder = server.record()
  const samples = new Float32Array(48_000)
  let recorded = 0
  try {
    for await (const chunk of recorder.stdout ?? []) {
      const bytes = chunk as Buffer
      for (let at = 0; at + 4 <= bytes.length; at += 4) samples[recorded++ % samples.length] = bytes.readFloatLE(at)
      if (recorded < samples.length) continue
      const seam = recorded % samples.length
      const inOrder = new Float32Array(samples.length)
      inOrder.set(samples.subarray(seam))
      inOrder.set(samples.subarray(0, seam), samples.length - seam)
      if (toneLevel(inOrder, hertz) > 0.28) return inOrder
    }
    throw new Error('The recorder has ended')
  } finally {
    recorder.kill('SIGKILL')
  }
}

test('what is said is recorded from the sink, without holes, and again when its server has come back', async () => {
  await using server = await PrivateSoundServer.open()
  const { microphone, log } = openMicrophone(server, systemClock)
  using _ = speak(microphone)
  const heard = await untilHeard(server)
  const silent = heard.filter((sample, index) => sample === 0 && heard[index - 1] === 0).length
  assert.ok(silent < 48, `${silent} samples of silence in it`)
  await server.kill()
  await server.start()
  await untilHeard(server)
  assert.ok(log.length > 0)
  await microphone.close()
})

test('nothing is connected before the first word, and not for ever after the last', async () => {
  await using server = await PrivateSoundServer.open()
  const clock = new ManualClock()
  const { microphone } = openMicrophone(server, clock)
  microphone.rest()
  assert.equal(await server.players(), 0)
  {
    using _ = speak(microphone)
    await untilHeard(server)
  }
  microphone.rest()
  assert.equal(await server.players(), 1)
  clock.advance(5000)
  while ((await server.players()) > 0);
  assert.equal(clock.pending, 0)
  await microphone.close()
})

test('where there is no such sink, or no server, it goes on trying and never throws', async () => {
  await using server = await PrivateSoundServer.open()
  const clock = new ManualClock()
  const { promise: told, resolve } = Promise.withResolvers<string>()
  const { cookieFile } = server
  const microphone = new AppMicrophone({ server: server.server, cookieFile, sink: 'none', clock, log: resolve })
  microphone.play(new Float32Array(opusFrameSamples))
  assert.match(await told, /microphone is opened again/)
  await microphone.close()
  assert.equal(clock.pending, 0)
})
