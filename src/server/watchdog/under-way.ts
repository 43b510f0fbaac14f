import { readFileSync } from 'node:fs'
import { Session, type Debugger } from 'node:inspector'
import { fileURLToPath } from 'node:url'

/** What a main thread was doing when it was found standing. */
export interface UnderWay {
  /** Innermost function first, `name (file:line)`; empty when it is in native code, which cannot be asked. */
  readonly stack: readonly string[]
  /** Its state as the kernel has it: `R` runs, `S` waits, `D` waits for a disk or a file system; empty when unknown. */
  readonly state: string
  /** Where in the kernel it waits, `futex_do_wait` for instance; empty when it does not, or that is not told. */
  readonly waitsIn: string
}

const mostFrames = 12

/**
 * Finds out, from another thread, what the main thread does. One that runs JavaScript is stopped for it and stays so: this is
 * for a process that is about to end. Never rejects.
 */
export async function findUnderWay(patienceMs: number): Promise<UnderWay> {
  const state = readTask('stat').replace(/^.*\) /s, '')[0] ?? ''
  const waitsIn = readTask('wchan')
  const stack = await stackOfMainThread(patienceMs)
  return { stack, state, waitsIn: waitsIn === '0' ? '' : waitsIn }
}

function readTask(name: 'stat' | 'wchan'): string {
  try {
    // The main thread's number is that of the process.
    return readFileSync(`/proc/self/task/${process.pid}/${name}`, 'latin1').trim()
  } catch {
    return ''
  }
}

async function stackOfMainThread(patienceMs: number): Promise<readonly string[]> {
  const { promise, resolve } = Promise.withResolvers<readonly string[]>()
  const timer = setTimeout(() => resolve([]), patienceMs)
  try {
    const session = new Session()
    session.connectToMainThread()
    // Frames name scripts by number alone.
    const urls = new Map<string, string>()
    session.on('Debugger.scriptParsed', ({ params }) => urls.set(params.scriptId, params.url))
    session.once('Debugger.paused', ({ params }) => {
      resolve(params.callFrames.slice(0, mostFrames).map((frame) => describe(frame, urls)))
    })
    session.post('Debugger.enable')
    session.post('Debugger.pause')
  } catch {
    resolve([])
  }
  const stack = await promise
  clearTimeout(timer)
  return stack
}

function describe({ functionName, location }: Debugger.CallFrame, urls: ReadonlyMap<string, string>): string {
  const url = urls.get(location.scriptId) ?? ''
  const file = url.startsWith('file:') ? fileURLToPath(url).split('/').slice(-3).join('/') : url
  return `${functionName || '(anonymous)'} (${file}:${location.lineNumber + 1})`
}
