import { readFileSync } from 'node:fs'
import { listProcesses, type ProcessEntry } from '../../src/host/child/process-table.ts'
import { runMarker } from '../../src/host/child/process-tree.ts'

/** A living process with what it was started with. */
export interface FoundProcess extends ProcessEntry {
  readonly commandLine: string
  readonly environment: readonly string[]
}

/**
 * The processes that belong to whatever keeps its files in a directory, oldest first: those that were started with its
 * path in their command line or environment. The caller itself is none of them.
 */
export async function processesOf(directory: string): Promise<readonly FoundProcess[]> {
  const entries = (await listProcesses()).filter(({ pid }) => pid !== process.pid)
  return entries
    .flatMap((entry) => {
      const [command, environment] = [readOf(entry.pid, 'cmdline'), readOf(entry.pid, 'environ')]
      if (!command.includes(directory) && !environment.includes(directory)) return []
      return [{ ...entry, commandLine: command.replaceAll('\0', ' ').trim(), environment: environment.split('\0') }]
    })
    .toSorted((a, b) => a.startTicks - b.startTicks || a.pid - b.pid)
}

/** Empty when it may not be read, or is gone. All of a machine's processes are read again and again, which the thread pool would make dear. */
function readOf(pid: number, name: 'cmdline' | 'environ'): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8')
  } catch {
    return ''
  }
}

/** A process, and those that it has started, with theirs. */
export async function treeOf(pid: number): Promise<readonly number[]> {
  const entries = await listProcesses()
  const tree = [pid]
  for (const parent of tree) {
    tree.push(...entries.filter((entry) => entry.parentPid === parent).map((entry) => entry.pid))
  }
  return tree
}

/** The processes that carry the mark of a lobby's app, whatever server runs it, oldest first. */
export async function processesOfLobby(lobbyId: string): Promise<readonly FoundProcess[]> {
  const mark = `${runMarker}=${lobbyId}.`
  return (await processesOf(mark)).filter(({ environment }) => environment.some((text) => text.startsWith(mark)))
}
