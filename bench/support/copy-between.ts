import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { LabHost } from '../../test/support/nat-lab.ts'

const program = fileURLToPath(new URL('copy-process.ts', import.meta.url))
const port = 5301

/** Takes copies at an address of a machine of a lab, in a process of its own, until it is disposed of. */
export async function serveCopiesAt(host: LabHost, address: string, copyBytes: number): Promise<AsyncDisposable> {
  const child = start(host, 'serve', address, copyBytes)
  await firstLine(child)
  return {
    async [Symbol.asyncDispose]() {
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    },
  }
}

/** Copies from a machine of a lab, in a process of its own: megabits a second. */
export async function copyFrom(host: LabHost, address: string, copyBytes: number): Promise<number> {
  const ms = Number(await firstLine(start(host, 'copy', address, copyBytes)))
  return (copyBytes * 8) / ms / 1000
}

function start(host: LabHost, does: 'serve' | 'copy', address: string, copyBytes: number): ChildProcess {
  const command = [...host.prefix, process.execPath, program, does, address, String(copyBytes), String(port)]
  const [first, ...rest] = command as [string, ...string[]]
  return spawn(first, rest, { stdio: ['ignore', 'pipe', 'inherit'] })
}

async function firstLine({ stdout }: ChildProcess): Promise<string> {
  if (!stdout) throw new Error('It says nothing')
  const [line] = (await once(createInterface(stdout), 'line')) as [string]
  return line
}
