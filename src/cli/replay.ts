import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { planConversation } from '../kernel/monitor/conversation.ts'
import { checkSeal } from '../kernel/monitor/recording-seal.ts'
import { replayConversation, type RecordedMessage } from '../kernel/monitor/recording.ts'
import { readConfig } from '../server/config/config.ts'
import { conversations } from '../server/conversations.ts'
import { publicKeyFile, readSealCheck } from '../server/recordings/recording-key.ts'
import { signalling } from '../wire/signal/protocol.ts'
import { knownSignalling } from '../wire/signal/versions.ts'
import type { CommandContext } from './contract/command.ts'
import { exitCode } from './contract/exit-code.ts'
import { readInputFile } from './terminal/read-input-file.ts'
import { UsageError } from './contract/usage-error.ts'

/** Recordings are a few hundred short lines. */
const mostBytes = 16 * 1024 * 1024
const sealWords = {
  whole: 'the recording is as it was kept',
  altered: 'the recording has been altered',
  unsealed: 'there is none',
} as const

/** `--`: it went on without its peer. */
const signs: Readonly<Record<RecordedMessage['direction'], string>> = { sent: '->', received: '<-', missed: '--' }

/** Plays a recorded conversation against its protocol: prints what was said, and what was wrong with it. */
export async function replay({ args, directory, environment, output }: CommandContext): Promise<number> {
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { verify: { type: 'boolean' }, key: { type: 'string' }, data: { type: 'string' } },
  })
  const [file] = positionals
  if (file === undefined || positionals.length > 1) {
    throw new UsageError(
      'wrong-arguments',
      `Cannot replay ${positionals.length} files: wanted one, as in npm start -- replay FILE`,
    )
  }
  const recording = readInputFile(resolve(directory, file), { what: 'Cannot replay', mostBytes })
  if (values.verify === true) {
    const { dataDirectory } = readConfig(values.data === undefined ? {} : { data: values.data }, environment, directory)
    const keyFile = values.key === undefined ? publicKeyFile(dataDirectory) : resolve(directory, values.key)
    const seal = checkSeal(recording, readSealCheck(keyFile))
    output.write(`Seal: ${sealWords[seal.kind]}${seal.kind === 'altered' ? `: ${seal.why}` : ''}\n`)
    if (seal.kind !== 'whole') return exitCode.failed
  }
  const versions = knownSignalling()
  const replayed = replayConversation(recording, (name, role, fingerprint) => {
    const known = conversations.get(name)
    const kept = name === signalling.name ? versions.plan(role, fingerprint) : undefined
    if (kept) return kept
    return known?.roles.includes(role) ? planConversation(known, role) : undefined
  })
  const { messages, skipped, role, violation } = replayed
  if (skipped > 0) output.write(`(${skipped} earlier messages were not kept)\n`)
  const startMs = messages[0]?.atMs ?? 0
  for (const message of messages) output.write(describe(message, role, startMs))
  output.write(
    violation ? `Violation: ${violation.message}\n` : `${messages.length} messages, all as the protocol wants them.\n`,
  )
  return violation ? exitCode.failed : exitCode.ok
}

function describe({ atMs, direction, label }: RecordedMessage, role: string, startMs: number): string {
  const seconds = ((atMs - startMs) / 1000).toFixed(3).padStart(10)
  // A file may hold anything, also what a terminal would obey.
  const shown = /^[\w-]{1,64}$/.test(label) ? label : JSON.stringify(label.slice(0, 64))
  return `${seconds} s  ${role} ${signs[direction]} ${shown}\n`
}
