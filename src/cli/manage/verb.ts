import { parseArgs, type ParseArgsOptionsConfig } from 'node:util'
import type { ApiClient } from '../../client/api/api-client.ts'
import { readConfig } from '../../server/config/config.ts'
import type { Command, CommandContext } from '../contract/command.ts'
import { exitCode } from '../contract/exit-code.ts'
import { UsageError } from '../contract/usage-error.ts'
import { connect } from './connect.ts'
import { explain } from './explain.ts'

/** Values of flags, as `util.parseArgs` gives them. */
export type Flags = Readonly<Record<string, string | boolean | undefined>>

/** What verbs reach: the API of a server, unless a command says otherwise. */
interface Api {
  readonly api: ApiClient
}

/** What a verb works with, beside what it reaches. */
interface Call {
  /** What stands behind the verb, as many as it has names for. */
  readonly args: readonly string[]
  readonly flags: Flags
  readonly context: CommandContext
}

/** What a verb has to tell: the same for programs and for people. */
export interface Told {
  readonly json: unknown
  readonly text: string
}

/** One thing that a command can do: `lobby start`. */
export interface Verb<Reached = Api> {
  readonly help: string
  /** Names of what has to stand behind it; of the last one with dots, one or more. */
  readonly args: readonly string[]
  /** Its own flags, with what each does. */
  readonly flags: Readonly<
    Record<string, { readonly type: 'string' | 'boolean'; readonly value?: string; readonly help: string }>
  >
  run(call: Call & Reached): Promise<Told>
}

const commonFlags: Verb['flags'] = {
  json: { type: 'boolean', help: 'print JSON, for programs' },
  data: { type: 'string', value: 'DIRECTORY', help: 'data directory of the server, when it is not the usual one' },
  url: { type: 'string', value: 'URL', help: 'a server elsewhere; its token is taken from PORCHLIGHT_TOKEN' },
  help: { type: 'boolean', help: 'print this' },
}

/** Where a command is to go. */
export interface Destination {
  readonly url: string | undefined
  readonly dataDirectory: string
  readonly environment: CommandContext['environment']
}

/** A command of several verbs. It asks the server that runs here, or the one that is named. */
export function verbCommand(name: string, about: string, verbs: Readonly<Record<string, Verb>>): Command {
  return reachingCommand(name, about, (destination) => ({ api: connect(destination) }), verbs)
}

/** A command of several verbs that reaches something else. */
export function reachingCommand<Reached>(
  name: string,
  about: string,
  reach: (destination: Destination) => Reached,
  verbs: Readonly<Record<string, Verb<Reached>>>,
): Command {
  return async (context) => {
    const [first = '--help', ...rest] = context.args
    const verb = Object.hasOwn(verbs, first) ? verbs[first] : undefined
    if (!verb && (first === '--help' || first === '-h')) {
      context.output.write(teach(name, about, verbs))
      return exitCode.ok
    }
    if (!verb) {
      const known = Object.keys(verbs).join(', ')
      throw new UsageError(
        'unknown-command',
        `Cannot run "${name} ${first}": wanted one of ${known}. See npm start -- ${name} --help.`,
      )
    }
    const { values, positionals } = parseArgs({ args: rest, options: optionsOf(verb), allowPositionals: true })
    const flags = values as Flags
    if (flags['help'] === true) {
      context.output.write(teachVerb(name, first, verb))
      return exitCode.ok
    }
    if (!isEnough(positionals.length, verb.args)) {
      throw new UsageError('wrong-arguments', `Cannot run it like this: wanted ${synopsis(name, first, verb)}`)
    }
    const { dataDirectory } = readConfig(textsOf(flags, ['data']), context.environment, context.directory)
    const reached = reach({ url: textOf(flags, 'url'), dataDirectory, environment: context.environment })
    const told = await explain(() => verb.run({ ...reached, args: positionals, flags, context }))
    context.output.write(flags['json'] === true ? `${JSON.stringify(told.json, null, 2)}\n` : told.text)
    return exitCode.ok
  }
}

/** What the help tells of a verb. */
type Shown = Omit<Verb, 'run'>

/** A flag's text; undefined when it was not given. */
export function textOf(flags: Flags, name: string): string | undefined {
  const value = flags[name]
  return typeof value === 'string' ? value : undefined
}

/** The texts of those flags that were given, by the name of the flag. */
export function textsOf<const Name extends string>(
  flags: Flags,
  names: readonly Name[],
): Partial<Record<Name, string>> {
  const given = names.flatMap((name) => {
    const text = textOf(flags, name)
    return text === undefined ? [] : [[name, text] as const]
  })
  return Object.fromEntries(given) as Partial<Record<Name, string>>
}

function isEnough(count: number, args: readonly string[]): boolean {
  return args.at(-1)?.endsWith('...') ? count >= args.length : count === args.length
}

function optionsOf({ flags }: Shown): ParseArgsOptionsConfig {
  const all = Object.entries({ ...commonFlags, ...flags })
  return Object.fromEntries(all.map(([name, { type }]) => [name, { type, ...(name === 'help' && { short: 'h' }) }]))
}

function synopsis(name: string, verbName: string, { args, flags }: Shown): string {
  const hasFlags = Object.keys(flags).length > 0
  return ['npm start --', name, verbName, ...args, ...(hasFlags ? ['[flags]'] : [])].join(' ')
}

function teach(name: string, about: string, verbs: Readonly<Record<string, Shown>>): string {
  const rows = Object.entries(verbs).map(([verbName, verb]) => {
    return [[verbName, ...verb.args].join(' '), verb.help] as const
  })
  return [
    `${about}\n\nUsage: npm start -- ${name} VERB\n\n`,
    columns(rows),
    `\nnpm start -- ${name} VERB --help tells the flags of one. docs/cli.md has examples.\n`,
  ].join('')
}

function teachVerb(name: string, verbName: string, verb: Shown): string {
  const rows = Object.entries({ ...verb.flags, ...commonFlags }).map(([flag, { value, help }]) => {
    return [`--${flag}${value === undefined ? '' : ` ${value}`}`, help] as const
  })
  return `${verb.help}\n\nUsage: ${synopsis(name, verbName, verb)}\n\n${columns(rows)}`
}

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}\n`).join('')
}
