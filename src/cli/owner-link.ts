import { parseArgs } from 'node:util'
import { configFlags } from '../server/config/config-options.ts'
import { configHere } from '../server/config/config-here.ts'
import { makeOwnerLinks } from '../server/owner-links.ts'
import type { CommandContext } from './contract/command.ts'
import { exitCode } from './contract/exit-code.ts'

/**
 * Replaces the owner token in the data directory and prints the new links. A server that runs there notices within a
 * second and shows out whoever came in with the old one.
 */
export async function ownerLink({ args, environment, directory, output }: CommandContext): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: configFlags() })
  for (const link of makeOwnerLinks(configHere(values, environment, directory))) output.write(`${link}\n`)
  return exitCode.ok
}
