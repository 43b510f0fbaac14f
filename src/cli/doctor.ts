import { parseArgs } from 'node:util'
import { systemClock } from '../kernel/clock.ts'
import { checkNetwork } from '../server/check-network.ts'
import { checkUp } from '../server/check-up.ts'
import type { Check } from '../server/check.ts'
import { configFlags } from '../server/config/config-options.ts'
import { configHere } from '../server/config/config-here.ts'
import type { CommandContext } from './contract/command.ts'
import { exitCode } from './contract/exit-code.ts'

const marks: Readonly<Record<Check['health'], string>> = { good: 'ok     ', poor: 'less   ', bad: 'MISSING' }

/** Tells how everything is that a server needs, or with `--network` which paths lead to it, and what to do where it is not well. */
export async function doctor({ args, environment, directory, output }: CommandContext): Promise<number> {
  const options = { ...configFlags(), network: { type: 'boolean' } } as const
  const { network, ...values } = parseArgs({ args: [...args], options }).values
  const config = configHere(values, environment, directory)
  const checks =
    network === true ? checkNetwork(config, systemClock) : checkUp(config, { environment, clock: systemClock })
  let worst: Check['health'] = 'good'
  for await (const { what, health, detail } of checks) {
    output.write(`${marks[health]}  ${what.padEnd(16)}  ${detail}\n`)
    if (health === 'bad' || worst === 'good') worst = health
  }
  if (network !== true) output.write(`\n${verdicts[worst]}\n`)
  return worst === 'bad' ? exitCode.failed : exitCode.ok
}

const verdicts: Readonly<Record<Check['health'], string>> = {
  good: 'Everything is there.',
  poor: 'Porchlight can run; some things are not there.',
  bad: 'Porchlight cannot run like this: see what is MISSING.',
}
