import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import type { LabHost } from '../../test/support/nat-lab.ts'

/** Not its usual one, where machines of a lab take copies. */
const port = '5401'

/** Whether there is an iperf3 (Debian: apt install iperf3). */
export function hasIperf(): boolean {
  return spawnSync('iperf3', ['--version']).status === 0
}

/** Megabits a second that come by TCP from one machine of a lab to an address of another one, by iperf3, for so long. */
export async function iperf(from: LabHost, to: LabHost, address: string, seconds: number): Promise<number> {
  const server = run(to, ['-s', '-1', '-B', address, '-p', port, '--forceflush'])
  try {
    // It says that it listens, or ends with why not.
    await Promise.race([once(server.stdout, 'data'), once(server, 'exit')])
    const client = run(from, ['-c', address, '-p', port, '-t', String(seconds), '-J'])
    const report = JSON.parse(await text(client.stdout)) as {
      error?: string
      end?: { sum_received?: { bits_per_second?: number } }
    }
    const bitsPerS = report.end?.sum_received?.bits_per_second
    if (bitsPerS === undefined) throw new Error(`iperf3 failed: ${report.error ?? 'it says nothing'}`)
    return bitsPerS / 1e6
  } finally {
    server.kill('SIGKILL')
  }
}

function run({ prefix }: LabHost, args: readonly string[]) {
  const [command, ...rest] = [...prefix, 'iperf3', ...args] as [string, ...string[]]
  return spawn(command, rest, { stdio: ['ignore', 'pipe', 'inherit'] })
}
