import type { LocalType } from '../../src/kernel/protocol/local-type.ts'
import type { Protocol } from '../../src/kernel/protocol/protocol.ts'
import { actionOf } from './local-interpreter.ts'

/** One thing that one role did, as it saw it. */
export interface Deed {
  readonly role: string
  readonly direction: 'sent' | 'received'
  readonly peer: string
  readonly label: string
}

export interface Run {
  readonly deeds: readonly Deed[]
  /** Why it stopped: everybody had ended, it was cut, or something that must not happen did. */
  readonly end: 'ended' | 'cut' | `stuck: ${string}` | `unexpected: ${string}` | `left over: ${string}`
}

/** Lets all roles act at their own pace, `pick` deciding who is next and what is chosen, with `capacity` messages an edge. */
export function runAsynchronously(
  protocol: Protocol,
  options: { readonly pick: (below: number) => number; readonly capacity: number; readonly limit: number },
): Run {
  const at = new Map(Object.entries<LocalType>(protocol.locals))
  const edges = new Map<string, string[]>()
  const queueOf = (from: string, to: string): string[] => {
    const queue = edges.get(`${from}->${to}`) ?? []
    edges.set(`${from}->${to}`, queue)
    return queue
  }
  const deeds: Deed[] = []
  while (deeds.length < options.limit) {
    const able = [...at].flatMap(([role, local]) => {
      const action = actionOf(local)
      if (action.kind === 'end') return []
      const sends = action.kind === 'send'
      const queue = sends ? queueOf(role, action.peer) : queueOf(action.peer, role)
      return (sends ? queue.length < options.capacity : queue.length > 0) ? [{ role, action, queue }] : []
    })
    const next = able[options.pick(Math.max(1, able.length))]
    if (!next) {
      const waiting = [...at].filter(([, local]) => actionOf(local).kind !== 'end').map(([role]) => role)
      if (waiting.length > 0) return { deeds, end: `stuck: ${waiting.join()}` }
      const left = [...edges].filter(([, queue]) => queue.length > 0).map(([edge]) => edge)
      return { deeds, end: left.length > 0 ? `left over: ${left.join()}` : 'ended' }
    }
    const { role, action, queue } = next
    const sends = action.kind === 'send'
    const label = sends ? [...action.ways.keys()][options.pick(action.ways.size)] : queue.shift()
    const behind = label === undefined ? undefined : action.ways.get(label)
    if (label === undefined || !behind) return { deeds, end: `unexpected: ${role} got ${label} from ${action.peer}` }
    if (sends) queue.push(label)
    at.set(role, behind)
    deeds.push({ role, direction: sends ? 'sent' : 'received', peer: action.peer, label })
  }
  return { deeds, end: 'cut' }
}
