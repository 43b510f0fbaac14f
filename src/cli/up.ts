import { parseArgs } from 'node:util'
import { systemClock } from '../kernel/clock.ts'
import { messageOf } from '../kernel/coded-error.ts'
import type { End } from '../kernel/ending.ts'
import { Writable } from '../kernel/readable.ts'
import { configFlags, type LogLevel } from '../server/config/config-options.ts'
import { configHere } from '../server/config/config-here.ts'
import { openServerLog } from '../server/server-log.ts'
import { openServer } from '../server/server.ts'
import { makeOneShot } from '../server/watchdog/one-shot-signals.ts'
import { openWatchdog } from '../server/watchdog/watchdog.ts'
import { openBanner, readyBanner } from './banner.ts'
import type { CommandContext } from './contract/command.ts'
import { exitCode } from './contract/exit-code.ts'
import { qrCode } from './terminal/qr-code.ts'
import { StopSignals, stoppingSignals, type StopCause } from './contract/stop-signals.ts'

const ownFlags = {
  qr: { type: 'boolean' },
  'no-qr': { type: 'boolean' },
  'new-owner-link': { type: 'boolean' },
} as const

/** Runs the server until a signal, or a failure of its own, ends it. */
export async function up(context: CommandContext): Promise<number> {
  const { output, errors, environment } = context
  const { values } = parseArgs({ args: [...context.args], options: { ...configFlags(), ...ownFlags } })
  const config = configHere(values, environment, context.directory)
  // Somebody who watches wants to see the banner; whoever reads a file later wants to know what happened.
  const usualLevel = errors.isTTY ? 'warn' : 'info'
  const logLevel = new Writable<LogLevel>(config.logLevel ?? usualLevel)
  const log = openServerLog(logLevel, errors)

  using signals = new StopSignals(context.process, (cause) => {
    if (cause.kind === 'signal') context.exit(exitCode.forced)
    else log.error('An error was lost while stopping', { error: cause.error })
  })
  const isOwnProcess = context.process === process
  if (isOwnProcess) {
    await makeOneShot(stoppingSignals).catch((error: unknown) =>
      log.debug('A second signal is heard only while the server is not stuck', { error: messageOf(error) }),
    )
  }
  const newOwnerToken = values['new-owner-link'] === true
  const onLogLevel = (level: LogLevel = usualLevel) => logLevel.set(level)
  const server = await openServer({ config, environment, newOwnerToken, onLogLevel, clock: systemClock, log })
  // From now on: a start may have to wait for a large database on a slow disk.
  await using _ = isOwnProcess
    ? openWatchdog({ signals: stoppingSignals, logLevel: logLevel.value, isTTY: errors.isTTY, log })
    : undefined
  const showQrCode = values['no-qr'] !== true && (values.qr === true || output.isTTY)
  const draw = (link: string) => qrCode(link, { columns: output.columns, colour: output.isTTY })
  const canLetNetworkIn = !config.hostIsGiven && config.tls.kind !== 'off'
  output.write(
    openBanner({
      ...server,
      isNative: server.nativeLinks.length > 0,
      drawQrCode: showQrCode ? draw : undefined,
      canLetNetworkIn,
    }),
  )
  const ended = Promise.race([signals.first, server.closed])
  const facts = await Promise.race([server.ready, ended.then(() => undefined)])
  if (facts) output.write(readyBanner(facts))

  const cause = await ended
  if (cause.kind === 'signal') output.write('\nStopping. Once more, and it stops at once.\n')
  else errors.write(`Porchlight has to stop: ${describe(cause)}\n`)
  await server.close()
  const { stuck } = server
  if (stuck.length > 0) errors.write(`Did not close in time: ${stuck.join(', ')}\n`)
  output.write('Porchlight is off.\n')
  return cause.kind === 'signal' && stuck.length === 0 ? exitCode.ok : exitCode.failed
}

function describe(cause: StopCause | End): string {
  if (cause.kind === 'signal') return cause.signal
  return cause.kind === 'clean' ? cause.reason : messageOf(cause.error)
}
