import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { execFile } from 'node:child_process'
import { eventually } from '../../test/support/eventually.ts'
import { processesOf } from '../../test/support/processes-of.ts'
import { openPorchlight, type RunningPorchlight } from '../../test/support/running-porchlight.ts'
import { percentiles, table } from '../support/figures.ts'
import { MemoryMeter, type Memory } from '../support/memory-of.ts'
import { memoryTable } from './memory-table.ts'

const shares = [0.5, 0.95, 1]
const cyclesPerSample = 10

/** What a server has that could be left behind. */
interface Belongings {
  readonly processes: number
  readonly xSockets: number
  readonly sinks: number
  readonly runFiles: number
  readonly openFiles: number
  readonly threads: number
}

/** Starts a real X app in a lobby and stops it, again and again, and counts what is there before and after. */
export async function measureApps(times: number): Promise<string> {
  await using house = await openPorchlight({ flags: ['--no-lobby'] })
  const startedMs: number[] = []
  const stoppedMs: number[] = []
  const memory: [cycle: number, found: Memory][] = []
  await using meter = await MemoryMeter.open(house.pid)
  const once = async () => {
    const beginMs = performance.now()
    const { id } = await house.openLobby('terminal')
    const runningMs = performance.now()
    await house.api('DELETE', `lobbies/${id}`)
    startedMs.push(runningMs - beginMs)
    stoppedMs.push(performance.now() - runningMs)
  }
  await once()
  const before = await belongings(house)
  for (let cycle = 0; cycle < times; cycle++) {
    await once()
    if (cycle % cyclesPerSample === 0) memory.push([cycle, await meter.read()])
  }
  const isAsBefore = (now: Belongings) => excess(before, now).length === 0
  const after = await eventually(() => belongings(house), isAsBefore, {
    what: 'nothing left behind',
    withinMs: 10_000,
  }).catch(() => belongings(house))
  const names = Object.keys(before) as (keyof Belongings)[]
  return [
    table(
      ['X apps started and stopped', 'until it runs p50 / p95 / max ms', 'until it is gone'],
      [[`${times}`, percentiles(startedMs, shares), percentiles(stoppedMs, shares)]],
    ),
    table(
      ['', 'processes', 'X sockets', 'sinks', 'files of the run', 'open files', 'threads'],
      [
        ['before', ...names.map((name) => `${before[name]}`)],
        ['after', ...names.map((name) => `${after[name]}`)],
      ],
    ),
    memoryTable(memory),
  ].join('\n\n')
}

function excess(before: Belongings, now: Belongings): readonly string[] {
  return Object.entries(now).flatMap(([name, count]) => (count > before[name as keyof Belongings] ? [name] : []))
}

async function belongings(house: RunningPorchlight): Promise<Belongings> {
  const count = async (directory: string) => (await readdir(directory).catch(() => [])).length
  const files = (await readdir(house.directory, { recursive: true })).filter((path) => !path.startsWith('data/'))
  const soundSocket = files.find((path) => /\/sound-[^/]*\/native$/.test(path))
  return {
    processes: (await processesOf(house.directory)).length,
    xSockets: await count('/tmp/.X11-unix'),
    sinks: soundSocket === undefined ? Number.NaN : await sinks(join(house.directory, soundSocket)),
    runFiles: files.length,
    openFiles: await count(`/proc/${house.pid}/fd`),
    threads: await count(`/proc/${house.pid}/task`),
  }
}

async function sinks(soundSocket: string): Promise<number> {
  const { stdout } = await promisify(execFile)('pactl', ['--server', `unix:${soundSocket}`, 'list', 'short', 'sinks'])
  return stdout.split('\n').filter((line) => line !== '').length
}
