import type { Conversation } from '../monitor/conversation.ts'
import { describeOrder } from '../monitor/order.ts'
import { isUnsaid } from '../protocol/local-type.ts'
import { describeUnsaid } from '../protocol/notation.ts'
import { explore } from '../protocol/points.ts'

/**
 * A conversation as a graph for Graphviz (https://graphviz.org/doc/info/lang.html): the automaton that a monitor follows in each
 * of its protocols, seen from the first role, and the orders beneath.
 */
export function toDot({ name, roles, protocols, orders }: Conversation): string {
  const [own] = roles
  const lines = [`digraph ${quoted(name)} {`, '  rankdir=LR;', '  node [shape=circle, label=""];']
  if (orders.length > 0) lines.push(`  label=${quoted(orders.map(describeOrder).join('\n'))};`)
  for (const [index, { name: title, locals }] of protocols.entries()) {
    const local = (locals as Readonly<Record<string, (typeof locals)[keyof typeof locals]>>)[own]
    if (!local) continue
    lines.push(`  subgraph cluster_${index} {`, `    label=${quoted(title)};`)
    const points = explore(local)
    for (const [state, { kind }] of points.entries()) {
      const shape = kind === 'end' ? ' [shape=doublecircle]' : state === 0 ? ' [style=filled]' : ''
      lines.push(`    p${index}_${state}${shape};`)
    }
    for (const [state, { kind, peer, ways }] of points.entries()) {
      const [from, to] = kind === 'send' ? [own, peer] : [peer, own]
      for (const { label, to: target, ...way } of ways.filter(isUnsaid)) {
        const when = `${label}: ${describeUnsaid(peer, way)}`
        lines.push(`    p${index}_${state} -> p${index}_${target} [style=dashed, label=${quoted(when)}];`)
      }
      const spoken = ways.filter((way) => !isUnsaid(way))
      for (const [target, labels] of Map.groupBy(spoken, (way) => way.to)) {
        const words = labels.map(({ label }) => label).join(' | ')
        lines.push(`    p${index}_${state} -> p${index}_${target} [label=${quoted(`${from}→${to}: ${words}`)}];`)
      }
    }
    lines.push('  }')
  }
  return `${[...lines, '}'].join('\n')}\n`
}

function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`
}
