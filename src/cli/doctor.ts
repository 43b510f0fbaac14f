import { parseArgs } from 'node:util'
import { systemClock } from '../kernel/clock.ts'
import { checkUp } from '../server/check-up.ts'
import type { Check } from '../server/check.ts'
import { configFlags } from '../server/config/config-options.ts'
import { readConfig } from '../server/config/config.ts'
import type { CommandContext } from './contract/command.ts'
import { exitCode } from './contract/exit-code.ts'

const marks: Readonly<Record<Check['health'], string>> = { good: 'ok     ', poor: 'less   ', bad: 'MISSING' }

/** Tells how everything is that a server needs, and what to do where it is not well. */
export async function doctor({ args, environment, directory, output }: CommandContext): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: configFlags() })
  const config = readConfig(values, environment, directory)
  let worst: Check['health'] = 'good'
  for await (const { what, health, detail } of checkUp(config, { environment, clock: systemClock })) {
    output.write(`${marks[health]}  ${what.padEnd(16)}  ${detail}\n`)
    if (health === 'bad' || worst === 'good') worst = health
  }
  output.write(`\n${verdicts[worst]}\n`)
  return worst === 'bad' ? exitCode.failed : exitCode.ok
}

const verdicts: Readonly<Record<Check['health'], string>> = {
  good: 'Everything is there.',
  poor: 'Porchlight can run; some things are not there.',
  bad: 'Porchlight cannot run like this: see what is MISSING.',
}
