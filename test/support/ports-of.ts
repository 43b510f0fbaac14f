import { readdir, readFile, readlink } from 'node:fs/promises'

/** The TCP ports that a process listens on and the UDP ports that it has bound (proc(5), /proc/net). */
export async function portsOf(pid: number): Promise<{ tcp: readonly number[]; udp: readonly number[] }> {
  const links = await Promise.all(
    (await readdir(`/proc/${pid}/fd`)).map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')),
  )
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
