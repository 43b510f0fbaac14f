import { bench } from './setup/bench.mjs'
import { check } from './setup/check.mjs'
import { dev } from './setup/dev.mjs'
import { buildPage } from './setup/page.mjs'
import { say, SetupError } from './setup/say.mjs'
import { start } from './setup/start.mjs'
import { test } from './setup/test.mjs'

/**
 * What stands behind every npm script. It runs on Node 18 and later, with nothing installed, and brings in the rest:
 * the exact npm packages, the pinned Node and what Debian has to give.
 *
 * @type {Record<string, (args: string[]) => Promise<number>>}
 */
const commands = { start, dev, test, check, build: buildPage, bench }

const [name = '', ...args] = process.argv.slice(2)
const command = Object.hasOwn(commands, name) ? commands[name] : undefined
try {
  if (command === undefined)
    throw new SetupError(`Cannot run "${name}": it is none of ${Object.keys(commands).join(', ')}`)
  process.exitCode = await command(args)
} catch (error) {
  if (!(error instanceof SetupError)) throw error
  say(error.message)
  process.exitCode = 1
}
