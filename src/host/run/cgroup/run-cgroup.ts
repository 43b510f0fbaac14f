import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sleep, type Clock } from '../../../kernel/clock.ts'
import { directoriesIn } from './find-groups.ts'
import { checkNamespace, eachOf, readProcess, type ProcessEntry } from '../../child/process-table.ts'

/**
 * The control group of one run: all of its processes, whatever they do to get away. They are in groups of its own, one for each
 * part of the run, which share its limits.
 */
export class RunCgroup {
  readonly directory: string
  readonly #clock: Clock
  readonly #isLimited: boolean
  /** The group of the whole run, when this is that of a part: it is the one that has limits. */
  readonly #whole: RunCgroup | undefined

  /** `isLimited`: nothing is to run outside of it. */
  constructor(directory: string, clock: Clock, isLimited = false, whole?: RunCgroup) {
    this.directory = directory
    this.#clock = clock
    this.#isLimited = isLimited
    this.#whole = whole
  }

  /** The group of a part of the run, which can be ended by itself. */
  async part(name: string): Promise<RunCgroup> {
    const directory = this.#file(name)
    await mkdir(directory).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
    return new RunCgroup(directory, this.#clock, this.#isLimited, this)
  }

  /** The words to put before a command so that it begins in this group; where it has limits, or else not at all. */
  get wrapper(): readonly string[] {
    const enter = this.#isLimited ? 'echo 0 > "$0" && exec "$@"' : '{ echo 0 > "$0"; } 2>/dev/null; exec "$@"'
    return ['/bin/sh', '-c', enter, this.#file('cgroup.procs')]
  }

  /** What lives in it, as far as this process can see it. Rejects with ChildError `cannot-look`. */
  async processes(): Promise<readonly ProcessEntry[]> {
    await checkNamespace()
    const text = await readFile(this.#file('cgroup.procs'), 'utf8').catch(() => '')
    const entries = await eachOf([...text.matchAll(/\d+/g)].map(Number), readProcess)
    return entries.filter((entry) => entry !== undefined)
  }

  /** Kills everything in it at once, what is just being forked too. Nothing happens before Linux 5.14, which cannot. */
  async kill(): Promise<void> {
    await writeFile(this.#file('cgroup.kill'), '1').catch(() => {})
  }

  /** How many processes of the run the kernel has killed because it had no memory left. */
  async memoryKills(): Promise<number> {
    if (this.#whole) return this.#whole.memoryKills()
    const text = await readFile(this.#file('memory.events'), 'utf8').catch(() => '')
    return Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0)
  }

  /** Removes it with its parts. What was killed is in it until the kernel has let go of it, so that it may take a few tries. */
  async remove(): Promise<void> {
    for (const part of await directoriesIn(this.directory)) {
      await new RunCgroup(this.#file(part), this.#clock).remove()
    }
    for (let pauseMs = 5; pauseMs < 1000; pauseMs *= 2) {
      const failure = await rmdir(this.directory).catch((error: NodeJS.ErrnoException) => error.code)
      if (failure !== 'EBUSY') return
      await sleep(this.#clock, pauseMs)
    }
  }

  #file(name: string): string {
    return join(this.directory, name)
  }
}
