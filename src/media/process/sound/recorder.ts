import { type ChildProcess, spawn } from 'node:child_process'
import { dyingWithParent } from '../../../os/child/dying-with-parent.ts'
import { layoutFacts } from '../../../domain/sound-layout.ts'
import type { CapturedSound } from '../../contract/producer.ts'

export interface RecorderEvents {
  /** 48 kHz, 16 bits, the channels of the layout in its order. */
  onPcm(chunk: Buffer): void
  /** It ended by itself; called once, and not after `close`. */
  onEnd(reason: string): void
}

/** How much the server and the recorder may keep back, each, in milliseconds. */
const latencyMs = 10

/** `parec`, PulseAudio's own recorder, on one source. */
export class Recorder {
  /** Resolves, and never rejects, when the process is gone. */
  readonly closed: Promise<void>
  readonly #child: ChildProcess

  constructor({ server, cookieFile, source, layout }: CapturedSound, events: RecorderEvents) {
    const { speakers } = layoutFacts[layout]
    const [command, ...args] = dyingWithParent(process.env['PATH'], [
      'parec',
      `--server=${server}`,
      `--device=${source}`,
      '--format=s16le',
      '--rate=48000',
      `--channels=${speakers.length}`,
      // That of the sink: PulseAudio mixes nothing.
      `--channel-map=${speakers.join()}`,
      `--latency-msec=${latencyMs}`,
      `--process-time-msec=${latencyMs}`,
      '--client-name=porchlight',
      '--raw',
    ])
    const env = { ...process.env, ...(cookieFile === undefined ? {} : { PULSE_COOKIE: cookieFile }) }
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
    this.#child = child
    let said = ''
    child.stdout.on('data', (chunk: Buffer) => events.onPcm(chunk))
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-500)
    })
    const { promise, resolve } = Promise.withResolvers<void>()
    this.closed = promise
    let ended = false
    const end = (reason: string) => {
      if (ended) return
      ended = true
      resolve()
      events.onEnd(said.trim() || reason)
    }
    child.once('error', (error) => end(error.message))
    child.once('close', (code, signal) => end(`parec has ended (${signal ?? code})`))
  }

  /** It records nothing worth saving. */
  close(): void {
    this.#child.stdout?.removeAllListeners('data').resume()
    this.#child.kill('SIGKILL')
  }
}
