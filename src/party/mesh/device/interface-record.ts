import { lstat, readdir, readFile, rm } from 'node:fs/promises'
import * as v from 'valibot'
import { type Clock, sleep } from '../../../kernel/clock.ts'
import type { Log } from '../../../kernel/log.ts'
import type { NetworkLinks } from './network-links.ts'
import { socketOf } from './user-space-wireguard.ts'

/** What stands on the disk of an interface, from before it is made until after it is gone. */
const record = v.object({
  name: v.pipe(v.string(), v.regex(/^porch[\da-f]{8}$/)),
  /** What the interface's alias is, so that one of somebody else's is told from it. */
  alias: v.pipe(v.string(), v.regex(/^porchlight-[\da-f]{32}$/)),
})
export type InterfaceRecord = v.InferOutput<typeof record>

const endMs = 3000
const lookEveryMs = 20

/** The one text that is kept of an interface, where a restart of the machine or a kill does not take it away. */
export interface KeptText {
  /** Undefined for none. */
  read(): string | undefined
  /** Whole or not at all. Throws the system's error. */
  write(text: string): void
  remove(): void
}

/** Which interface is this host's, on the disk: what a host that was killed has left is found by it. */
export class InterfaceRecords {
  readonly #kept: KeptText

  constructor(kept: KeptText) {
    this.#kept = kept
  }

  /** Throws the system's error where it cannot be written: no interface may be made then. */
  write(kept: InterfaceRecord): void {
    this.#kept.write(JSON.stringify(kept))
  }

  remove(): void {
    this.#kept.remove()
  }

  /** Undefined for none, and for what is none of ours. */
  read(): InterfaceRecord | undefined {
    try {
      const parsed = v.safeParse(record, JSON.parse(this.#kept.read() ?? ''))
      return parsed.success ? parsed.output : undefined
    } catch {
      return undefined
    }
  }

  /** Takes away what is left of an interface that was not closed, and nothing that is not of the record. */
  async clean(options: { readonly links: NetworkLinks; readonly clock: Clock; readonly log: Log }): Promise<void> {
    const left = this.read()
    if (!left) return
    const { links, log } = options
    const ended = await endProcessesOf(left.name, options.clock)
    const alias = await links.aliasOf(left.name)
    if (alias === left.alias) await links.remove(left.name)
    const isSocket = await lstat(socketOf(left.name)).then(
      (found) => found.isSocket(),
      () => false,
    )
    if (isSocket) await rm(socketOf(left.name), { force: true })
    this.remove()
    if (ended || alias !== undefined || isSocket) {
      log.info('What a former run had left of its network interface was taken away', { interface: left.name })
    }
  }
}

/** Ends each `wireguard-go` of that interface, which is ours alone by its name. */
async function endProcessesOf(name: string, clock: Clock): Promise<boolean> {
  const pids = await processesOf(name)
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    for (const pid of await processesOf(name)) sendSignal(pid, signal)
    const untilMs = clock.nowMs() + endMs
    while ((await processesOf(name)).length > 0 && clock.nowMs() < untilMs) await sleep(clock, lookEveryMs)
  }
  return pids.length > 0
}

async function processesOf(name: string): Promise<number[]> {
  const entries = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry))
  const commands = await Promise.all(entries.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')))
  return entries.filter((_, at) => isOurs(commands[at]?.split('\0') ?? [], name)).map(Number)
}

/** The arguments of a process end with an empty one. */
function isOurs([program = '', flag, called, rest]: readonly string[], name: string): boolean {
  return /(^|\/)wireguard-go$/.test(program) && flag === '-f' && called === name && rest === ''
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It has ended by itself.
  }
}
