import { createHash, randomBytes } from 'node:crypto'
import { lookup } from 'node:dns/promises'
import { existsSync, readFileSync } from 'node:fs'
import * as v from 'valibot'
import { systemClock } from '../kernel/clock.ts'
import type { Closable } from '../kernel/ending.ts'
import type { Relay } from '../relay/open-relay.ts'
import { openRelayReport, type KeptToken } from '../relay/relay-report.ts'
import { writePrivateFile } from '../server/files/write-private-file.ts'
import { openServerLog } from '../server/server-log.ts'
import { relayInfo } from '../wire/party/records.ts'
import type { CommandContext } from './contract/command.ts'
import { UsageError } from './contract/usage-error.ts'

/** A control plane that is to know of it. */
export interface ToldControl {
  readonly url: string
  readonly region: string
  readonly capacity: number
  readonly publicIp: string | undefined
  readonly tokenFile: string | undefined
}

/** Tells it of a relay. Throws UsageError for what cannot be told. */
export async function openReport(options: {
  readonly control: ToldControl
  readonly name: string
  readonly port: number
  readonly relay: Relay
  readonly errors: CommandContext['errors']
}): Promise<Closable> {
  const { control, name, port, relay, errors } = options
  const { url, region, capacity, tokenFile } = control
  const at = name.lastIndexOf(':')
  const host = (at < 0 ? name : name.slice(0, at)).replace(/^\[(.*)\]$/, '$1')
  const publicIp = control.publicIp ?? (await lookup(host).catch(() => undefined))?.address
  // Without a file it cannot prove to be the one of before, so it is another one.
  const own = tokenFile === undefined ? `-${randomBytes(4).toString('hex')}` : ''
  const told = v.safeParse(relayInfo, {
    relay_id: `relay-${createHash('sha256').update(name).digest('hex').slice(0, 16)}${own}`,
    public_ip: publicIp,
    port: at < 0 ? port : Number(name.slice(at + 1)),
    region,
    capacity,
  })
  if (!told.success) {
    const [issue] = told.issues
    const which =
      v.getDotPath(issue) === 'region' ? '--region' : v.getDotPath(issue) === 'port' ? '--name' : '--public-ip'
    throw new UsageError('wrong-arguments', `Cannot tell a control plane of this relay: ${which}: ${issue.message}`)
  }
  return openRelayReport({
    url,
    relay: told.output,
    sessions: () => relay.status().sessions,
    token: tokenFile === undefined ? tokenInMemory() : tokenInFile(tokenFile),
    clock: systemClock,
    log: openServerLog('info', errors),
  })
}

function tokenInMemory(): KeptToken {
  let token: string | undefined
  return { read: () => token, write: (value) => void (token = value) }
}

function tokenInFile(file: string): KeptToken {
  return {
    read: () => (existsSync(file) ? readFileSync(file, 'utf8').trim() || undefined : undefined),
    write: (value) => writePrivateFile(file, `${value}\n`),
  }
}

/** Throws UsageError for what is no address of a control plane. */
export function controlUrl(text: string): string {
  if (/^https?:$/.test(URL.parse(text)?.protocol ?? '')) return text
  throw new UsageError(
    'wrong-arguments',
    `Cannot use --control: got "${text.slice(0, 100)}", wanted http://... or https://...`,
  )
}
