import { generateKeyPairSync } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import * as v from 'valibot'
import { systemClock } from '../kernel/clock.ts'
import { messageOf } from '../kernel/coded-error.ts'
import { signingKeyOf } from '../net/relay/lease-signing.ts'
import { openRelay } from '../relay/open-relay.ts'
import { defaultRelayLimits, type RelayLimits } from '../relay/relay-limits.ts'
import { openRelayStatus } from '../relay/relay-metrics.ts'
import type { TurnBeside } from '../relay/turn-grants.ts'
import { turnUrls } from '../server/config/setting-values.ts'
import { readTurnSecret } from '../server/network/turn-servers.ts'
import { openRecordings } from '../server/recordings/recordings.ts'
import { openServerLog } from '../server/server-log.ts'
import type { CommandContext } from './contract/command.ts'
import { exitCode } from './contract/exit-code.ts'
import { StopSignals } from './contract/stop-signals.ts'
import { UsageError } from './contract/usage-error.ts'
import { controlUrl, openReport, type ToldControl } from './relay-control.ts'

const usage = `Usage: npm start -- relay --name HOST:PORT --issuer KEY [--issuer KEY] [flags]
       npm start -- relay key FILE

A blind relay: it forwards between the two ends of a lease that an issuer has signed, and cannot read what they say.

  --issuer KEY             whose leases it takes: a public key as "relay key" prints it; may be repeated
  --name HOST:PORT         what leases call it: where others reach it
  --address ADDRESS        where it listens (0.0.0.0); twice: its STUN server tells NATs apart by both
  --port PORT              UDP port (3478); with two addresses the next one too
  --workers NUMBER         threads that share the port (1)
  --record DIRECTORY       keeps what is said about leases, for npm start -- replay; never what is forwarded
  --status-port PORT       /healthz and /metrics by HTTP, on 127.0.0.1 (none)
  --control URL            a control plane of parties, which is told of this relay every 30 s: https://party.example.org
  --region NAME            where it is, for those who look for a near one (world)
  --capacity NUMBER        sessions that it takes (10000)
  --public-ip ADDRESS      where it is reached (what --name resolves to)
  --turn URL               a TURN server beside it, whose credentials hosts get for their leases: turn:HOST:PORT; may be repeated
  --turn-seconds NUMBER    for how long those are good at most (as long as the lease)
  --turn-secret-file FILE  the secret that it shares with that server (coturn: use-auth-secret)
  --token FILE             keeps its right to be that relay, so that it is the same one after a restart

  key FILE                 makes the key of an issuer, keeps it in FILE, and prints its public key
`

/** Runs a relay until it is told to stop, or makes the key of an issuer. */
export async function relay(context: CommandContext): Promise<number> {
  const { values, positionals } = parseArgs({
    args: issuersAsValues(context.args),
    allowPositionals: true,
    options: {
      issuer: { type: 'string', multiple: true },
      name: { type: 'string' },
      address: { type: 'string', multiple: true },
      port: { type: 'string' },
      workers: { type: 'string' },
      'status-port': { type: 'string' },
      record: { type: 'string' },
      control: { type: 'string' },
      region: { type: 'string', default: 'world' },
      capacity: { type: 'string' },
      'public-ip': { type: 'string' },
      token: { type: 'string' },
      turn: { type: 'string', multiple: true },
      'turn-secret-file': { type: 'string' },
      'turn-seconds': { type: 'string' },
      help: { type: 'boolean' },
    },
  })
  const [verb, file, ...more] = positionals
  if (values.help === true) {
    context.output.write(usage)
    return exitCode.ok
  }
  if (verb === 'key' && file !== undefined && more.length === 0) return await makeKey(file, context)
  if (verb !== undefined) throw new UsageError('wrong-arguments', `Cannot run it like this.\n${usage}`)
  const addresses = values.address ?? ['0.0.0.0']
  if (addresses.length > 2 || !addresses.every((each) => isIP(each))) {
    throw new UsageError('wrong-arguments', 'Cannot listen there: wanted one or two IP addresses as --address')
  }
  const port = wholeNumber('--port', values.port ?? '3478', 0, 65_534)
  const workers = wholeNumber('--workers', values.workers ?? '1', 1, 64)
  const statusPort = values['status-port']
  const { control, token } = values
  const capacity = wholeNumber('--capacity', values.capacity ?? String(defaultRelayLimits.sessions), 1, 99_999)
  return await run(context, {
    addresses,
    port,
    workers,
    name: values.name,
    issuers: (values.issuer ?? []).map(publicKey),
    recordDirectory: values.record === undefined ? undefined : resolve(context.directory, values.record),
    statusPort: statusPort === undefined ? undefined : wholeNumber('--status-port', statusPort, 0, 65_535),
    limits: { sessions: capacity },
    turn: turnBeside(values, context.directory),
    control:
      control === undefined
        ? undefined
        : {
            url: controlUrl(control),
            region: values.region,
            capacity,
            publicIp: values['public-ip'],
            tokenFile: token === undefined ? undefined : resolve(context.directory, token),
          },
  })
}

async function run(
  { output, errors, process, exit }: CommandContext,
  options: {
    readonly addresses: readonly string[]
    readonly port: number
    readonly workers: number
    readonly name: string | undefined
    readonly issuers: readonly Uint8Array[]
    readonly recordDirectory: string | undefined
    readonly statusPort: number | undefined
    readonly limits: Pick<RelayLimits, 'sessions'>
    readonly control: ToldControl | undefined
    readonly turn: TurnBeside | undefined
  },
): Promise<number> {
  const { statusPort, name, recordDirectory, control, ...settings } = options
  if (name === undefined) {
    throw new UsageError(
      'wrong-arguments',
      'Cannot relay without a name: wanted --name HOST:PORT, where others reach it',
    )
  }
  if (settings.issuers.length === 0) {
    throw new UsageError(
      'wrong-arguments',
      'Cannot relay for nobody: wanted --issuer KEY, as "relay key FILE" prints it',
    )
  }
  using signals = new StopSignals(process, () => exit(exitCode.failed))
  const keepRecording =
    recordDirectory === undefined
      ? undefined
      : openRecordings(recordDirectory, { clock: systemClock, log: openServerLog('warn', errors) })
  await using opened = await openRelay({ ...settings, name, keepRecording })
  await using status =
    statusPort === undefined
      ? undefined
      : await openRelayStatus({ host: '127.0.0.1', port: statusPort }, () => opened.status())
  await using report = control && (await openReport({ control, name, port: opened.port, relay: opened, errors }))
  const where = settings.addresses.join(' and ')
  output.write(`Relay  ${name}, UDP ${opened.port} of ${where}; STUN is answered there too\n`)
  if (status) output.write(`Status http://127.0.0.1:${status.port}/metrics\n`)
  if (settings.turn) output.write(`TURN   ${settings.turn.urls.join(', ')}, for holders of leases\n`)
  if (report) output.write(`Told   ${control?.url}, as a relay of the region ${control?.region}\n`)
  const failed = opened.closed.then((end) => ({ kind: 'ended', end }) as const)
  const cause = await Promise.race([signals.first, failed])
  if (cause.kind === 'signal') return exitCode.ok
  const error = cause.kind === 'crash' ? cause.error : cause.end.kind === 'error' ? cause.end.error : 'it was closed'
  errors.write(`The relay has ended: ${messageOf(error)}\n`)
  return exitCode.failed
}

async function makeKey(file: string, { output }: CommandContext): Promise<number> {
  const { privateKey } = generateKeyPairSync('ed25519')
  await writeFile(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flag: 'wx' })
  const { publicKey: bytes } = signingKeyOf(privateKey)
  output.write(`${Buffer.from(bytes).toString('base64url')}\n`)
  return exitCode.ok
}

function turnBeside(
  values: { readonly turn?: string[]; readonly 'turn-secret-file'?: string; readonly 'turn-seconds'?: string },
  directory: string,
): TurnBeside | undefined {
  const { turn: urls = [], 'turn-secret-file': secretFile, 'turn-seconds': seconds } = values
  if (urls.length === 0 && secretFile === undefined && seconds === undefined) return undefined
  const read = v.safeParse(turnUrls, urls)
  if (urls.length === 0 || secretFile === undefined || !read.success) {
    throw new UsageError(
      'wrong-arguments',
      'Cannot give credentials of TURN: wanted --turn turn:HOST:PORT, at most 8, and --turn-secret-file FILE beside it',
    )
  }
  const secret = readTurnSecret(resolve(directory, secretFile))
  const goodForMs = seconds === undefined ? undefined : 1000 * wholeNumber('--turn-seconds', seconds, 30, 600)
  return { urls: read.output, secret, goodForMs }
}

/** One key in 64 begins with a dash, and would be taken for a flag. */
function issuersAsValues(args: readonly string[]): string[] {
  const written: string[] = []
  for (const arg of args) {
    const isKey = written.at(-1) === '--issuer' && /^-[\w-]{42}$/.test(arg)
    if (isKey) written[written.length - 1] = `--issuer=${arg}`
    else written.push(arg)
  }
  return written
}

function publicKey(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64url')
  if (bytes.length === 32 && bytes.toString('base64url') === text) return Uint8Array.from(bytes)
  throw new UsageError(
    'wrong-arguments',
    'Cannot take that --issuer: wanted 43 characters, as "relay key FILE" prints them',
  )
}

function wholeNumber(flag: string, text: string, least: number, most: number): number {
  const value = Number(text)
  if (/^\d{1,5}$/.test(text) && value >= least && value <= most) return value
  throw new UsageError('wrong-arguments', `Cannot use ${flag} ${text}: wanted a whole number from ${least} to ${most}`)
}
