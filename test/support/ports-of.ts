import { readdir, readFile, readlink } from 'node:fs/promises'
import { treeOf } from './processes-of.ts'

/** The TCP ports that a process and what it has started listen on and the UDP ports that they have bound (proc(5), /proc/net). */
export async function portsOf(pid: number): Promise<{ tcp: readonly number[]; udp: readonly number[] }> {
  const links = (await Promise.all((await treeOf(pid)).map(descriptorsOf))).flat()
  const own = new Set(links.map((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1]))
  const ports = async (kind: 'tcp' | 'udp') => {
    const tables = await Promise.all([kind, `${kind}6`].map((name) => readFile(`/proc/${pid}/net/${name}`, 'latin1')))
    const rows = tables.flatMap((table) => table.trim().split('\n').slice(1)).map((row) => row.trim().split(/\s+/))
    return rows
      .filter(([, , , state, , , , , , inode]) => own.has(inode) && (kind === 'udp' || state === listening))
      .map(([, local = '']) => Number.parseInt(local.slice(local.lastIndexOf(':') + 1), 16))
  }
  return { tcp: await ports('tcp'), udp: await ports('udp') }
}

const listening = '0A'

async function descriptorsOf(pid: number): Promise<readonly string[]> {
  const names = await readdir(`/proc/${pid}/fd`).catch(() => [])
  return Promise.all(names.map((name) => readlink(`/proc/${pid}/fd/${name}`).catch(() => '')))
}
