import type { Conversation } from '../monitor/conversation.ts'
import { describeOrder } from '../monitor/order.ts'
import type { GlobalType } from '../protocol/global-type.ts'
import { isUnsaid } from '../protocol/local-type.ts'
import { describeUnsaid } from '../protocol/notation.ts'

/** Continuations are written out: a protocol of many choices would fill a disk. */
const mostLines = 5000

/**
 * A conversation as a module of Scribble (https://nuscr.dev, http://www.scribble.org), one global protocol for each of its own.
 * Names become identifiers; payloads are left out, since their schemas are not Scribble's. What it does not have stands as
 * comments: the orders, and when a branch is taken that nobody sends. Throws a RangeError for a protocol that would not fit into 5,000 lines.
 */
export function toScribble({ name, protocols, orders }: Conversation): string {
  const lines = [`module ${identifier(name)};`, '', ...orders.map((order) => `// ${describeOrder(order)}`)]
  for (const protocol of protocols) {
    const roles = protocol.roles.map((role) => `role ${identifier(role)}`).join(', ')
    lines.push('', `global protocol ${capitalised(identifier(protocol.name))}(${roles}) {`)
    write(protocol.global, '  ', (line) => {
      if (lines.push(line) > mostLines) throw new RangeError(`Cannot write "${name}" in ${mostLines} lines`)
    })
    lines.push('}')
  }
  return `${lines.join('\n')}\n`
}

function write(type: GlobalType, indent: string, add: (line: string) => void): void {
  switch (type.kind) {
    case 'end':
      return
    case 'var':
      return add(`${indent}continue ${identifier(type.name)};`)
    case 'mu':
      add(`${indent}rec ${identifier(type.name)} {`)
      write(type.body, `${indent}  `, add)
      return add(`${indent}}`)
    case 'interaction': {
      const say = (label: string, at: string) =>
        add(`${at}${identifier(label)}() from ${identifier(type.from)} to ${identifier(type.to)};`)
      const [only, ...more] = type.branches
      if (only && more.length === 0) {
        say(only.label, indent)
        return write(only.next, indent, add)
      }
      for (const [index, { label, next, ...branch }] of type.branches.entries()) {
        add(index === 0 ? `${indent}choice at ${identifier(type.from)} {` : `${indent}} or {`)
        if (isUnsaid(branch))
          add(`${indent}  // ${identifier(label)}: ${describeUnsaid(identifier(type.from), branch)}`)
        else say(label, `${indent}  `)
        write(next, `${indent}  `, add)
      }
      return add(`${indent}}`)
    }
  }
}

/** Words of Scribble that name nothing. */
const keywords: ReadonlySet<string> = new Set(
  'and as at aux calls choice continue do from global import instantiates local module nested or par protocol rec role sig to type with'.split(
    ' ',
  ),
)

function identifier(name: string): string {
  const word = name.replaceAll(/\W/g, '_')
  return keywords.has(word) ? `${word}_` : word
}

function capitalised(name: string): string {
  return name.slice(0, 1).toUpperCase() + name.slice(1)
}
