import { readFile } from 'node:fs/promises'
import { listProcesses, readEnvironment, type ProcessEntry } from '../../src/host/child/process-table.ts'
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
  const found = await Promise.all(
    entries.map(async (entry) => ({
      ...entry,
      commandLine: (await readFile(`/proc/${entry.pid}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' ').trim(),
      environment: await readEnvironment(entry.pid),
    })),
  )
  return found
    .filter(({ commandLine, environment }) => [commandLine, ...environment].some((text) => text.includes(directory)))
    .toSorted((a, b) => a.startTicks - b.startTicks || a.pid - b.pid)
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
