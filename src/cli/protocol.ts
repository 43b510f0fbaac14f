import { parseArgs } from 'node:util'
import { toDot } from '../kernel/export/dot.ts'
import { toMermaid } from '../kernel/export/mermaid.ts'
import { toScribble } from '../kernel/export/scribble.ts'
import { type Conversation, planConversation } from '../kernel/monitor/conversation.ts'
import { conversations } from '../server/conversations.ts'
import type { CommandContext } from './contract/command.ts'
import { exitCode } from './contract/exit-code.ts'
import { table } from './terminal/table.ts'
import { UsageError } from './contract/usage-error.ts'

const forms: Readonly<Record<string, (conversation: Conversation) => string>> = {
  scribble: toScribble,
  mermaid: toMermaid,
  dot: toDot,
}

const usage = 'wanted npm start -- protocol list, or protocol show NAME [--as scribble|mermaid|dot]'

/** Prints what may be said on the wires of the program, as it is declared. */
export async function protocol({ args, output }: CommandContext): Promise<number> {
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { as: { type: 'string', default: 'scribble' } },
  })
  const [verb, name, ...more] = positionals
  if (verb === 'list' && name === undefined) output.write(list())
  else if (verb === 'show' && name !== undefined && more.length === 0) output.write(show(name, values.as))
  else throw new UsageError('wrong-arguments', `Cannot run it like this: ${usage}`)
  return Promise.resolve(exitCode.ok)
}

function list(): string {
  const rows = [...conversations.values()].map((each) => {
    const { fingerprint, table: wire } = planConversation(each, each.roles[0])
    const counts = [each.protocols.length, wire.messages.length, each.orders.length].map(String)
    return [each.name, each.roles.join(', '), ...counts, fingerprint]
  })
  return table(['NAME', 'BETWEEN', 'PROTOCOLS', 'MESSAGES', 'ORDERS', 'FINGERPRINT'], rows, '')
}

function show(name: string, as: string): string {
  const found = conversations.get(name)
  if (!found) {
    const known = [...conversations.keys()].map((each) => JSON.stringify(each)).join(', ')
    throw new UsageError('wrong-arguments', `Cannot show "${name}": wanted one of ${known}`)
  }
  const form = Object.hasOwn(forms, as) ? forms[as] : undefined
  if (!form) {
    throw new UsageError('wrong-arguments', `Cannot show it as "${as}": wanted one of ${Object.keys(forms).join(', ')}`)
  }
  return form(found)
}
