import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { toneLevel } from '../../src/media/testing/voice.ts'
import { dyingWithParent } from '../../src/os/child/dying-with-parent.ts'
import type { LobbyMachine } from './lobby-machine.ts'

const sampleRate = 48_000
const keptSamples = sampleRate / 2
const format = ['--raw', '--format=float32le', `--rate=${sampleRate}`, '--channels=1', '--latency-msec=20']

/** What an app hears that records from its default source, as a game or a browser does. */
export interface AppEar extends AsyncDisposable {
  /** How loud a tone is in the last half second: its amplitude. */
  level(frequencyHz: number): number
  /** How loud the last half second is: its greatest amplitude. */
  peak(): number
  /** Samples recorded so far. */
  readonly recorded: number
}

export async function listenInApp(machine: LobbyMachine): Promise<AppEar> {
  const environment = await machine.environment()
  const [command, ...args] = dyingWithParent(environment['PATH'], ['parec', ...format])
  const recorder = spawn(command, args, { env: environment, stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(recorder, 'exit')
  const samples = new Float32Array(keptSamples)
  let recorded = 0
  recorder.stdout.on('data', (chunk: Buffer) => {
    for (let at = 0; at + 4 <= chunk.length; at += 4) samples[recorded++ % keptSamples] = chunk.readFloatLE(at)
  })
  await once(recorder.stdout, 'data')
  const latest = () => {
    const seam = recorded % keptSamples
    const inOrder = new Float32Array(keptSamples)
    inOrder.set(samples.subarray(seam))
    inOrder.set(samples.subarray(0, seam), keptSamples - seam)
    return inOrder
  }
  return {
    level: (frequencyHz) => toneLevel(latest(), frequencyHz),
    peak: () => samples.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0),
    get recorded() {
      return recorded
    },
    async [Symbol.asyncDispose]() {
      recorder.kill('SIGKILL')
      await ended
    },
  }
}
