import { spawn, spawnSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from './eventually.ts'

const program = 'turnserver'

/** Whether the machine has coturn (Debian and Ubuntu: `coturn`). */
export function hasCoturn(): boolean {
  return spawnSync('which', [program]).status === 0
}

/** A TURN server that runs. */
export interface Coturn extends AsyncDisposable {
  readonly port: number
  readonly pid: number
}

/** The coturn of the machine at an address, from which it relays, to loopback as well. Clients have credentials of that secret; `settings` are lines of `turnserver.conf`. */
export async function openCoturn(
  secret: string,
  address = '127.0.0.1',
  {
    port = randomInt(12_000, 30_000),
    settings = [],
  }: { readonly port?: number; readonly settings?: readonly string[] } = {},
): Promise<Coturn> {
  const directory = await mkdtemp(join(tmpdir(), 'porchlight-coturn-'))
  const file = join(directory, 'turnserver.conf')
  const lines = [
    `listening-port=${port}`,
    `listening-ip=${address}`,
    `relay-ip=${address}`,
    'allow-loopback-peers',
    'no-cli',
    'no-tls',
    'no-dtls',
    'realm=porchlight.test',
    'fingerprint',
    'use-auth-secret',
    `static-auth-secret=${secret}`,
    `userdb=${join(directory, 'turndb')}`,
    `pidfile=${join(directory, 'pid')}`,
    'log-file=stdout',
    'relay-threads=1',
    ...settings,
  ]
  await writeFile(file, lines.join('\n'))
  const child = spawn(program, ['-c', file], { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (said += text.toString()))
  await eventually(
    () => said,
    (text) => text.includes('admin thread'),
    { what: 'coturn' },
  )
  return {
    port,
    pid: child.pid ?? 0,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
      await rm(directory, { recursive: true, force: true })
    },
  }
}
