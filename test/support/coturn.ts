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

/**
 * The coturn of the machine on loopback, which relays to loopback as well, from `relayAddress`. Clients have credentials of that
 * secret.
 */
export async function openCoturn(secret: string, relayAddress = '127.0.0.1'): Promise<Coturn> {
  const port = randomInt(12_000, 30_000)
  const directory = await mkdtemp(join(tmpdir(), 'porchlight-coturn-'))
  const file = join(directory, 'turnserver.conf')
  const lines = [
    `listening-port=${port}`,
    'listening-ip=127.0.0.1',
    `relay-ip=${relayAddress}`,
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
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
      await rm(directory, { recursive: true, force: true })
    },
  }
}
