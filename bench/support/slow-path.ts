import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { LabHost } from '../../test/support/nat-lab.ts'

const run = promisify(execFile)
const program = fileURLToPath(new URL('slow-path-process.ts', import.meta.url))
const tableOf = 1000

/** What a machine of a lab sends to some addresses by UDP takes longer from now on, until it is disposed of. */
export async function openSlowPath(from: LabHost, to: readonly string[], delayMs: number): Promise<AsyncDisposable> {
  const device = 'slow0'
  const inside = (...command: readonly string[]) => {
    const [first = '', ...rest] = [...from.prefix, ...command]
    return run(first, rest)
  }
  const [command, ...args] = [...from.prefix, process.execPath, program, device, String(delayMs)]
  const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const ended = once(child, 'exit')
  await Promise.race([once(child, 'message'), ended])
  const settings = [
    `ipv4.conf.${device}.accept_local=1`,
    `ipv4.conf.${device}.rp_filter=0`,
    'ipv4.conf.all.rp_filter=0',
  ]
  for (const setting of [...settings, 'ipv4.ip_forward=1']) {
    const [name = '', value = ''] = setting.split('=')
    await inside('sh', '-c', `echo ${value} > /proc/sys/net/${name.replaceAll('.', '/')}`)
  }
  await inside('ip', 'link', 'set', device, 'up')
  const route = ['default', 'dev', device, 'src', from.address, 'table', String(tableOf)]
  await inside('ip', 'route', 'add', ...route)
  // What comes out of the device goes on by the ordinary way.
  for (const address of to) {
    await inside('ip', 'rule', 'add', 'to', address, 'ipproto', 'udp', 'iif', 'lo', 'lookup', String(tableOf))
  }
  return {
    async [Symbol.asyncDispose]() {
      for (const address of to) {
        await inside('ip', 'rule', 'del', 'to', address, 'ipproto', 'udp', 'iif', 'lo', 'lookup', String(tableOf))
      }
      child.kill('SIGKILL')
      await ended
    },
  }
}
