import { readdir, readFile } from 'node:fs/promises'
import { sleep, type Clock } from '../kernel/clock.ts'

/** prctl(2): orphans below this process become its children, and not those of the machine's first process. */
const setChildSubreaper = 36
/** waitpid(2). */
const noHang = 1

/** From one look to the next: whoever has started a child has asked for its end long before. */
const periodMs = 5000
/** At the end nothing of one's own is left, and what others in the process have is asked for by then. */
const lastLookMs = 50

/**
 * Takes in what apps leave behind. In a container npm is often the first process of the machine, and it never asks for the
 * end of children that it did not start: each would stay there, dead, for good. Rejects when it cannot be done here.
 */
export async function adoptOrphans({
  clock,
  everyMs = periodMs,
}: {
  readonly clock: Clock
  readonly everyMs?: number
}): Promise<AsyncDisposable> {
  if (process.platform !== 'linux') throw new Error('it can only be done on Linux')
  const { default: koffi } = await import('koffi')
  const libc = koffi.load('libc.so.6')
  const prctl = libc.func('int prctl(int option, unsigned long value, unsigned long, unsigned long, unsigned long)')
  const waitpid = libc.func('int waitpid(int pid, void *status, int options)')
  if (prctl(setChildSubreaper, 1, 0, 0, 0) !== 0) throw new Error('orphans go elsewhere')
  let before: ReadonlySet<number> = new Set()
  const look = async () => {
    const dead = await deadChildren()
    // One's own are asked for as soon as they end: those that have been dead for a whole period are nobody's.
    for (const pid of dead) if (before.has(pid)) waitpid(pid, null, noHang)
    before = new Set(dead)
  }
  let looking = false
  const timer = clock.every(everyMs, () => {
    if (looking) return
    looking = true
    void look().then(
      () => (looking = false),
      // Another look may tell more.
      () => (looking = false),
    )
  })
  return {
    async [Symbol.asyncDispose]() {
      timer.cancel()
      await look()
      await sleep(clock, lastLookMs)
      await look()
    },
  }
}

/** Children that have ended and whose end nobody has asked for. */
async function deadChildren(): Promise<readonly number[]> {
  const threads = await readdir('/proc/self/task')
  const lists = threads.map((thread) => readFile(`/proc/self/task/${thread}/children`, 'utf8').catch(() => ''))
  const pids = (await Promise.all(lists)).flatMap((list) => list.split(' ').filter((pid) => pid !== ''))
  const dead: number[] = []
  for (const pid of pids) {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
    // The name before the state may hold anything but a last parenthesis.
    if (stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z')) dead.push(Number(pid))
  }
  return dead
}
