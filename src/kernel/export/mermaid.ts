import type { Conversation } from '../monitor/conversation.ts'
import { describeOrder } from '../monitor/order.ts'
import { isUnsaid } from '../protocol/local-type.ts'
import { type Body, type Choice, describeUnsaid } from '../protocol/notation.ts'

/**
 * A conversation as a Mermaid sequence diagram (https://mermaid.js.org/syntax/sequenceDiagram.html): its protocols side by
 * side, what may be said instead of each other in one arrow, and the orders as notes.
 */
export function toMermaid({ roles, protocols, orders }: Conversation): string {
  const lines = ['sequenceDiagram', ...roles.map((role) => `  participant ${identifier(role)}`)]
  for (const [index, { name, body }] of protocols.entries()) {
    lines.push(`  ${index === 0 ? 'par' : 'and'} ${plain(name)}`, ...linesOf(body, '    '))
  }
  if (protocols.length > 0) lines.push('  end')
  const over = roles.map(identifier).join(',')
  for (const order of orders) lines.push(`  Note over ${over}: ${plain(describeOrder(order))}`)
  return `${lines.join('\n')}\n`
}

function linesOf(body: Body, indent: string): string[] {
  const inner = `${indent}  `
  return body.flatMap((step, index) => {
    switch (step.kind) {
      case 'again':
        // A loop that is drawn goes on by itself; the last step of one says nothing new.
        return index === body.length - 1 && index > 0 ? [] : [`${indent}%% again ${plain(step.name)}`]
      case 'loop':
        return [
          `${indent}loop ${step.name === 'forever' ? 'for ever' : plain(step.name)}`,
          ...linesOf(step.body, inner),
          `${indent}end`,
        ]
      case 'choice':
        return linesOfChoice(step, indent)
    }
  })
}

function linesOfChoice({ from, to, branches }: Choice, indent: string): string[] {
  const arrow = `${indent}${identifier(from)}->>${identifier(to)}: `
  const ways = Object.entries(branches)
  const isSimple = ([, branch]: (typeof ways)[number]) => branch.body.length === 0 && !isUnsaid(branch)
  if (ways.every(isSimple)) return [`${arrow}${ways.map(([label]) => plain(label)).join(' | ')}`]
  const lines = ways.flatMap(([label, branch], index) => [
    `${indent}${index === 0 ? 'alt' : 'else'} ${plain(label)}`,
    isUnsaid(branch)
      ? `${indent}  Note over ${identifier(to)}: ${plain(describeUnsaid(from, branch))}`
      : `  ${arrow}${plain(label)}`,
    ...linesOf(branch.body, `${indent}  `),
  ])
  return [...lines, `${indent}end`]
}

function identifier(name: string): string {
  return name.replaceAll(/\W/g, '_')
}

/** Without what would end a line of the diagram, or begin something else. */
function plain(text: string): string {
  return text.replaceAll(/[^\p{L}\p{N} "',.|_-]/gu, ' ')
}
