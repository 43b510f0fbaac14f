import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { messageOf } from '../../kernel/coded-error.ts'
import { defaultPath, findExecutable } from '../child/find-executable.ts'
import { SoundError } from './sound-error.ts'

const run = promisify(execFile)
const answerWithinMs = 10_000

/** Which PulseAudio is here: the first number of its version. Rejects with SoundError `server-missing`, `server-did-not-start`. */
export async function findPulseaudio(searchPath: string = defaultPath): Promise<number> {
  const file = await findExecutable('pulseaudio', searchPath)
  if (file === undefined) {
    throw new SoundError('server-missing', 'There is no sound: install the Debian package pulseaudio')
  }
  try {
    const { stdout } = await run(file, ['--version'], { env: { PATH: searchPath }, timeout: answerWithinMs })
    return Number(/\d+/.exec(stdout)?.[0] ?? 0)
  } catch (error) {
    const message = `There is no sound: pulseaudio does not run here (${messageOf(error)})`
    throw new SoundError('server-did-not-start', message, { cause: error })
  }
}
