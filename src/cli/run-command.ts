import { messageOf } from '../kernel/coded-error.ts'
import { ServerError } from '../server/contract/server-error.ts'
import type { Command, CommandContext } from './contract/command.ts'
import { SettingsError } from '../server/config/settings-error.ts'
import { exitCode } from './contract/exit-code.ts'
import { UsageError } from './contract/usage-error.ts'

/** Loaded when they are run, so that `doctor` and `--help` work where a native package does not load. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  up: async () => (await import('./up.ts')).up,
  doctor: async () => (await import('./doctor.ts')).doctor,
  'owner-link': async () => (await import('./owner-link.ts')).ownerLink,
  lobby: async () => (await import('./manage/lobby.ts')).lobby,
  app: async () => (await import('./manage/app.ts')).app,
  invite: async () => (await import('./manage/invite.ts')).invite,
  member: async () => (await import('./manage/member.ts')).member,
  device: async () => (await import('./manage/device.ts')).device,
  session: async () => (await import('./manage/session.ts')).session,
  moonlight: async () => (await import('./manage/moonlight.ts')).moonlight,
  network: async () => (await import('./manage/network.ts')).network,
  config: async () => (await import('./manage/config.ts')).config,
  party: async () => (await import('./manage/party.ts')).party,
  control: async () => (await import('./control.ts')).control,
  view: async () => (await import('./view/view.ts')).view,
  relay: async () => (await import('./relay.ts')).relay,
  protocol: async () => (await import('./protocol.ts')).protocol,
  replay: async () => (await import('./replay.ts')).replay,
  'verify-ledger': async () => (await import('./verify-ledger.ts')).verifyLedger,
  help: async () => (await import('./help.ts')).help,
  version: async () => (await import('./version.ts')).version,
}

/** Commands that teach how to use them themselves. */
const teaching: ReadonlySet<string> = new Set([
  'lobby',
  'app',
  'invite',
  'member',
  'device',
  'session',
  'network',
  'moonlight',
  'config',
  'party',
  'control',
  'view',
  'relay',
])

/** What commands are called as well. */
const otherNames: Readonly<Record<string, string>> = { sessions: 'session', devices: 'device', members: 'member' }

const seeHelp = 'See npm start -- --help.'

/** Finds the command that the arguments name, `up` when they name none, and runs it. Never rejects. */
export async function runCommand(context: CommandContext): Promise<number> {
  try {
    const { load, args } = findCommand(context.args)
    const command = await load()
    return await command({ ...context, args })
  } catch (error) {
    const hint = isParsing(error) ? `. ${seeHelp}` : ''
    context.errors.write(`${messageOf(error)}${hint}\n`)
    if (error instanceof ServerError && error.code === 'data-directory-in-use') return exitCode.inUse
    return isUsage(error) ? exitCode.usage : exitCode.failed
  }
}

function findCommand(all: readonly string[]): { load: () => Promise<Command>; args: readonly string[] } {
  const [typed = 'up', ...rest] = all
  const first = Object.hasOwn(otherNames, typed) ? (otherNames[typed] ?? typed) : typed
  if (teaching.has(first)) return { load: named(first), args: rest }
  if (all.includes('--help') || all.includes('-h')) return { load: named('help'), args: [] }
  if (all.includes('--version')) return { load: named('version'), args: [] }
  return first.startsWith('-') ? { load: named('up'), args: all } : { load: named(first), args: rest }
}

function named(name: string): () => Promise<Command> {
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (load) return load
  const known = Object.keys(commands).join(', ')
  throw new UsageError('unknown-command', `Cannot run "${name}": wanted one of ${known}. ${seeHelp}`)
}

/** Whether the fault is in what was typed. */
function isUsage(error: unknown): boolean {
  if (error instanceof ServerError) return error.code === 'invalid-config'
  return error instanceof UsageError || error instanceof SettingsError || isParsing(error)
}

/** `util.parseArgs` throws errors of its own, which say what is wrong but not what would be right. */
function isParsing(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')
}
