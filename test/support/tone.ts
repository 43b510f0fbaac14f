import { once } from 'node:events'
import { Readable } from 'node:stream'
import type { LobbyMachine } from './lobby-machine.ts'

const sampleRate = 48_000
const level = 0.5

/** A tone that an app plays. */
export interface PlayedTone extends AsyncDisposable {
  stop(): Promise<void>
}

/** Plays a tone in a lobby, as its app would, until it is stopped. */
export async function playTone(machine: LobbyMachine, frequencyHz: number): Promise<PlayedTone> {
  const format = ['--raw', '--format=s16le', `--rate=${sampleRate}`, '--channels=1', '--latency-msec=50']
  const player = await machine.start('pacat', ['--playback', ...format])
  const ended = once(player, 'exit')
  const source = Readable.from(oneSecondEach(frequencyHz))
  if (player.stdin) source.pipe(player.stdin)
  const stop = async () => {
    source.destroy()
    player.kill('SIGKILL')
    await ended
  }
  return { stop, [Symbol.asyncDispose]: stop }
}

/** Whole periods fit into a second, so that there is no seam. */
function* oneSecondEach(frequencyHz: number): Generator<Buffer> {
  const second = Buffer.alloc(2 * sampleRate)
  for (let index = 0; index < sampleRate; index++) {
    const sample = level * Math.sin((2 * Math.PI * frequencyHz * index) / sampleRate)
    second.writeInt16LE(Math.round(32_767 * sample), 2 * index)
  }
  for (;;) yield second
}
