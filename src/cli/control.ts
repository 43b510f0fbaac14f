import { parseArgs } from 'node:util'
import { systemClock } from '../kernel/clock.ts'
import { messageOf } from '../kernel/coded-error.ts'
import { readConfig } from '../server/config/config.ts'
import { runControlPlane } from '../server/party/run-control-plane.ts'
import { openServerLog } from '../server/server-log.ts'
import type { CommandContext } from './contract/command.ts'
import { exitCode } from './contract/exit-code.ts'
import { StopSignals } from './contract/stop-signals.ts'
import { UsageError } from './contract/usage-error.ts'

const usual = { host: '127.0.0.1', port: '8090', range: '10.66.0.0/16' }

const help = `A control plane for parties: says which there are and who is in them, and passes their signals on. And a gateway: hosts that
nobody can reach (--gateway URL of theirs) are found through it.

Usage: npm start -- control [flags]

  --host ADDRESS    where it listens; ${usual.host} when left out, 0.0.0.0 for all addresses of this machine
  --port PORT       its TCP port; ${usual.port} when left out, 0 takes any free one
  --range RANGE     virtual addresses of parties; ${usual.range} when left out
  --data DIRECTORY  where its registry is kept (parties.db); the server's data directory when left out
  --memory          keep nothing
  --no-gateway      let no hosts be found through it
  --status-port PORT
                    /healthz and /metrics by HTTP, on 127.0.0.1 (none)
  --help            print this

It speaks plain HTTP: outside of a private network put a proxy with HTTPS in front of it. docs/parties.md tells what it is asked.
`

/** Runs a control plane alone until a signal ends it. */
export async function control(context: CommandContext): Promise<number> {
  const { output, errors } = context
  const { values } = parseArgs({
    args: [...context.args],
    options: {
      host: { type: 'string', default: usual.host },
      port: { type: 'string', default: usual.port },
      range: { type: 'string', default: usual.range },
      data: { type: 'string' },
      memory: { type: 'boolean' },
      'no-gateway': { type: 'boolean', default: false },
      'status-port': { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) {
    output.write(help)
    return exitCode.ok
  }
  const port = portOf('--port', values.port)
  const statusPort = values['status-port'] === undefined ? undefined : portOf('--status-port', values['status-port'])
  const isGateway = !values['no-gateway']
  const { data } = values
  const { dataDirectory } = readConfig({ ...(data !== undefined && { data }) }, context.environment, context.directory)
  const log = openServerLog(errors.isTTY ? 'warn' : 'info', errors)
  using signals = new StopSignals(context.process, () => context.exit(exitCode.forced))
  const plane = await runControlPlane({
    dataDirectory: values.memory ? undefined : dataDirectory,
    host: values.host,
    port,
    range: values.range,
    isGateway,
    statusPort,
    clock: systemClock,
    log,
  })
  output.write(`The control plane is at ${plane.url}. Ctrl+C stops it.\n`)
  if (isGateway) output.write('Hosts are found through it that name it as their --gateway.\n')
  if (plane.statusUrl !== undefined) output.write(`Its metrics are at ${plane.statusUrl}.\n`)
  const cause = await Promise.race([signals.first, plane.closed])
  await plane.close()
  if (cause.kind === 'signal') return exitCode.ok
  errors.write(`The control plane had to stop: ${'error' in cause ? messageOf(cause.error) : 'closed'}\n`)
  return exitCode.failed
}

function portOf(flag: string, text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (port <= 65_535) return port
  throw new UsageError('wrong-arguments', `Cannot use ${flag} ${text}: wanted a number up to 65535`)
}
