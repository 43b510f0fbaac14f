import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readlink } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import * as v from 'valibot'

const run = promisify(execFile)

const hostAddress = '10.77.0.1'
const viewerAddress = '10.77.0.2'
const hostEnd = 'narrow'
const viewerEnd = 'far'
const burstBytes = 6000

const queueDiscipline = v.object({
  kind: v.string(),
  bytes: v.number(),
  packets: v.number(),
  drops: v.number(),
  backlog: v.number(),
})

/** What the narrow direction has done since it was laid, and what waits in it now. */
export interface NarrowCounts {
  /** With all headers from Ethernet upwards. */
  readonly bytes: number
  readonly packets: number
  readonly dropped: number
  readonly queuedBytes: number
}

/**
 * A cable from this network namespace to another one, in which viewers can be run. What goes out to them passes a token
 * bucket of a chosen rate with a queue that drops at its tail; what comes back does not.
 */
export class BottleneckPath implements AsyncDisposable {
  readonly hostAddress = hostAddress
  readonly viewerAddress = viewerAddress
  /** Put before a command, it runs at the far end. */
  readonly prefix: readonly string[]
  readonly #holder: ChildProcess

  private constructor(holder: ChildProcess) {
    this.#holder = holder
    this.prefix = ['nsenter', '--target', String(holder.pid), '--net', '--']
  }

  /** To be called in a network namespace of one's own. */
  static async lay(): Promise<BottleneckPath> {
    // The far end lives as long as a process that is in it.
    const holder = spawn('setpriv', ['--pdeathsig', 'KILL', 'unshare', '--net', '--', 'sleep', 'infinity'])
    await once(holder, 'spawn')
    const path = new BottleneckPath(holder)
    const networkOf = (pid: number | undefined) => readlink(`/proc/${pid}/ns/net`)
    while ((await networkOf(holder.pid)) === (await networkOf(process.pid))) await pause(10)
    await here('ip', 'link', 'set', 'lo', 'up')
    await here('ip', 'link', 'add', hostEnd, 'type', 'veth', 'peer', 'name', viewerEnd, 'netns', String(holder.pid))
    await here('ip', 'address', 'add', `${hostAddress}/24`, 'dev', hostEnd)
    await here('ip', 'link', 'set', hostEnd, 'up')
    await path.#far('ip', 'address', 'add', `${viewerAddress}/24`, 'dev', viewerEnd)
    await path.#far('ip', 'link', 'set', viewerEnd, 'up')
    await path.#far('ip', 'link', 'set', 'lo', 'up')
    return path
  }

  /** Lets so many bits a second through, and holds back as many as pass in `queueMs`. Counts begin at 0. */
  async narrow(rateBps: number, queueMs: number): Promise<void> {
    const limitBytes = Math.round((rateBps / 8000) * queueMs)
    const shape = ['rate', `${rateBps}bit`, 'burst', String(burstBytes), 'limit', String(limitBytes + burstBytes)]
    await here('tc', 'qdisc', 'replace', 'dev', hostEnd, 'root', 'tbf', ...shape)
  }

  async counts(): Promise<NarrowCounts> {
    const text = await here('tc', '-s', '-j', 'qdisc', 'show', 'dev', hostEnd)
    const [{ bytes, packets, drops, backlog }] = v.parse(v.tuple([queueDiscipline]), JSON.parse(text))
    return { bytes, packets, dropped: drops, queuedBytes: backlog }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const gone = once(this.#holder, 'exit')
    this.#holder.kill('SIGKILL')
    await gone
  }

  #far(...command: readonly string[]): Promise<string> {
    const [program = '', ...args] = [...this.prefix, ...command]
    return here(program, ...args)
  }
}

async function here(program: string, ...args: readonly string[]): Promise<string> {
  return (await run(program, args)).stdout
}
