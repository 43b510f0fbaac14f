import { spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { messageOf } from '../../../kernel/coded-error.ts'
import { MeshError } from '../contract/mesh-error.ts'

/** So long a program may take that answers within milliseconds on an idle machine. */
const patienceMs = 20_000
/** Where programs for administrators are, which the path of a user often leaves out. */
const more = ['/usr/sbin', '/sbin', '/usr/local/sbin']

/** Where a program is; undefined where it is not installed. */
export function findProgram(name: string, path = process.env.PATH ?? ''): string | undefined {
  return [...path.split(delimiter), ...more].map((directory) => join(directory, name)).find(isExecutable)
}

/** What a program printed. Rejects with MeshError `command-failed`, in the program's own words. */
export async function runProgram(program: string, args: readonly string[], input = ''): Promise<string> {
  const child = spawn(program, args, { stdio: 'pipe', timeout: patienceMs, killSignal: 'SIGKILL' })
  // One that does not read its input has said why.
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  const ended = new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve))
  const [output, errors, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]).catch(
    (error: unknown) => {
      throw new MeshError('command-failed', `Cannot run ${program}: ${messageOf(error)}`, { cause: error })
    },
  )
  if (code === 0) return output
  const why = errors.trim().split('\n').at(-1) ?? ''
  throw new MeshError('command-failed', `${program} ${args.join(' ')} failed: ${why === '' ? `code ${code}` : why}`)
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
