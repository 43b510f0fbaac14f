import { isUnsaid, type LocalType } from '../../src/kernel/protocol/local-type.ts'
import { explore, type NumberedPoint } from '../../src/kernel/protocol/points.ts'
import type { Protocol } from '../../src/kernel/protocol/protocol.ts'

/** All roles' points and all messages under way. */
interface Configuration {
  readonly points: readonly number[]
  readonly queues: Readonly<Record<string, readonly string[]>>
  /** Roles that were lost. */
  readonly lost: readonly string[]
  /** Edges whose next message was late. */
  readonly owed: readonly string[]
  /** How it came about, for people. */
  readonly path: string
}

/**
 * Visits every configuration that a protocol's roles can come to with `capacity` messages an edge, `most` at most, and
 * says what is wrong with one: a role that is stuck or got what its type does not know, a message that nobody takes, or,
 * when all were visited, a role that cannot come to act any more although it has not ended. `mortal`, if given, may be lost at any
 * time.
 */
export function exploreAll(protocol: Protocol, capacity: number, most: number, mortal?: string): string | undefined {
  const { roles } = protocol
  const automata = Object.values<LocalType>(protocol.locals).map(explore)
  const pointOf = (at: Configuration, index: number) => automata[index]?.[at.points[index] ?? 0] as NumberedPoint
  const all: Configuration[] = [{ points: roles.map(() => 0), queues: {}, lost: [], owed: [], path: '' }]
  const numbers = new Map([[keyOf(all[0] as Configuration), 0]])
  /** For each configuration what can follow, and who acts. */
  const steps: { readonly to: number; readonly role: number }[][] = []
  for (let at = all[0]; at; at = all[steps.length]) {
    const here = at
    const following = roles.flatMap((role, index) =>
      stepsOf(here, index, role, pointOf(here, index), capacity).map((to) => ({ to, role: index })),
    )
    const hasLeft = (role: string) => here.lost.includes(role)
    const index = mortal === undefined || hasLeft(mortal) ? -1 : roles.indexOf(mortal)
    if (mortal !== undefined && index >= 0 && pointOf(here, index).kind !== 'end') {
      following.push({ to: { ...here, lost: [mortal], path: `${here.path} ${mortal} lost` }, role: index })
    }
    const broken = following.find(({ to }) => typeof to === 'string')
    if (broken) return `${broken.to as string} after${here.path}`
    if (following.length === 0) {
      const stuck = roles.filter((role, each) => pointOf(here, each).kind !== 'end' && !hasLeft(role))
      if (stuck.length > 0) return `${stuck.join()} stuck after${here.path}`
      if (Object.entries(here.queues).some(([edge, queue]) => queue.length > 0 && !hasLeft(edge.split('->')[1] ?? '')))
        return `message left after${here.path}`
    }
    steps.push(
      following.map(({ to, role }) => {
        const key = keyOf(to as Configuration)
        const number = numbers.get(key) ?? all.push(to as Configuration) - 1
        numbers.set(key, number)
        return { to: number, role }
      }),
    )
    if (all.length > most) return undefined
  }
  return findStarved(
    all,
    steps,
    roles,
    (at, role) => pointOf(at, role).kind === 'end' || at.lost.includes(roles[role] ?? ''),
  )
}

function keyOf({ points, queues, lost, owed }: Configuration): string {
  return JSON.stringify([
    points,
    lost,
    owed.toSorted(),
    Object.entries(queues)
      .filter(([, queue]) => queue.length > 0)
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  ])
}

/** What one role can do: the configurations behind it, or what is wrong. */
function stepsOf(
  at: Configuration,
  index: number,
  role: string,
  { kind, peer, ways }: NumberedPoint,
  capacity: number,
): (Configuration | string)[] {
  if (kind === 'end' || at.lost.includes(role)) return []
  const edge = kind === 'send' ? `${role}->${peer}` : `${peer}->${role}`
  const queue = at.queues[edge] ?? []
  const go = (to: number, changed: readonly string[], what: string, owed = at.owed): Configuration => ({
    points: at.points.with(index, to),
    lost: at.lost,
    owed,
    queues: { ...at.queues, [edge]: changed },
    path: `${at.path} ${what}`,
  })
  if (kind === 'send') {
    if (at.lost.includes(peer)) return ways.map(({ label, to }) => go(to, queue, `${role}!${peer}:${label} dropped`))
    const isOwed = at.owed.includes(edge)
    const rest = at.owed.filter((each) => each !== edge)
    if (isOwed) return ways.map(({ label, to }) => go(to, queue, `${role}!${peer}:${label} too late`, rest))
    if (queue.length >= capacity) return []
    return ways.map(({ label, to }) => go(to, [...queue, label], `${role}!${peer}:${label}`))
  }
  const [label, ...rest] = queue
  if (label === undefined) {
    const isLost = at.lost.includes(peer)
    const owed = at.owed.filter((each) => each !== edge)
    const loss = isLost ? ways.find((each) => each.lost) : undefined
    if (loss) return [go(loss.to, [], `${role} without ${peer}`, owed)]
    const late = isLost || !at.owed.includes(edge) ? ways.find((each) => each.late) : undefined
    return late ? [go(late.to, [], `${role} no longer waits for ${peer}`, isLost ? owed : [...owed, edge])] : []
  }
  const way = ways.find((each) => each.label === label && !isUnsaid(each))
  return [way ? go(way.to, rest, `${role}?${peer}:${label}`) : `${role} got ${label} from ${peer}`]
}

/** Goes back from where a role acts: what is not reached so can never come to act for it. */
function findStarved(
  all: readonly Configuration[],
  steps: readonly (readonly { readonly to: number; readonly role: number }[])[],
  roles: readonly string[],
  hasEnded: (at: Configuration, role: number) => boolean,
): string | undefined {
  const before: number[][] = all.map(() => [])
  for (const [from, following] of steps.entries()) for (const { to } of following) before[to]?.push(from)
  for (const [role, name] of roles.entries()) {
    const fine = new Set<number>()
    const reached = all.flatMap((at, number) =>
      hasEnded(at, role) || steps[number]?.some((step) => step.role === role) ? [number] : [],
    )
    for (let number = reached.pop(); number !== undefined; number = reached.pop()) {
      if (fine.has(number)) continue
      fine.add(number)
      reached.push(...(before[number] ?? []))
    }
    const starved = all.findIndex((_, number) => !fine.has(number))
    if (starved >= 0) return `${name} starves after${all[starved]?.path}`
  }
  return undefined
}
