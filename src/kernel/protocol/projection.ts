import type { GlobalType } from './global-type.ts'
import { LocalWriter } from './local-writer.ts'
import { isUnsaid, type LocalType } from './local-type.ts'
import { ProtocolError } from './protocol-error.ts'
import { type Position, Positions, RoleView } from './role-view.ts'
import type { NumberedPoint, Way } from './points.ts'

/** Points of one role; nobody declares as many. */
const mostPoints = 20_000

/**
 * What `role` does in a conversation of this global type: full merge (Honda, Yoshida, Carbone: Multiparty asynchronous
 * session types; Scalas and Yoshida: Less is more) on the automaton of the type, so that the names of loops and how far
 * they are unrolled play no part. Where others choose, the role is at all the positions that they may have come to;
 * there it either receives, from one sender whose label tells it which, or sends the same in all, which then have to come
 * whatever the others choose, or is at its end in all. Throws a {@link ProtocolError} `unmergeable` with a witness where
 * that is not so.
 */
export function project(global: GlobalType, role: string): LocalType {
  const positions = new Positions(global)
  const views: RoleView[] = []
  const numbers = new Map<string, number>()
  const numberOf = (view: RoleView): number => {
    checkView(view, role)
    const { key } = view
    const number = numbers.get(key) ?? views.push(view) - 1
    numbers.set(key, number)
    if (views.length > mostPoints) {
      throw new ProtocolError('too-large', `Role "${role}" would have more than ${mostPoints} points`)
    }
    return number
  }
  numberOf(new RoleView(positions, role, [[global, {}]]))
  const points: NumberedPoint[] = []
  for (let view = views[0]; view; view = views[points.length]) points.push(pointOf(view, role, positions, numberOf))
  return new LocalWriter(
    points,
    views.map((view) => view.loops),
  ).write()
}

function pointOf(
  view: RoleView,
  role: string,
  positions: Positions,
  numberOf: (view: RoleView) => number,
): NumberedPoint {
  const [first] = view.cores
  if (!first || first.kind === 'end') return { kind: 'end', peer: '', ways: [] }
  const entries = new Map<string, (readonly [GlobalType, { branch: Branch; from: Position; before: RoleView }])[]>()
  const branches = new Map<string, Branch>()
  for (const core of view.cores) {
    if (core.kind === 'end') continue
    const late = core.from === role ? core.branches.find((branch) => branch.late) : undefined
    for (const branch of core.branches) {
      // Who is lost does nothing more, and who is late does not know it: it has said one of the others.
      if (isUnsaid(branch) && core.from === role) continue
      const before = entries.get(branch.label) ?? []
      const after = [branch, late].filter((each) => each !== undefined)
      const origins = after.map((taken) => [taken.next, { branch: taken, from: core, before: view }] as const)
      entries.set(branch.label, [...before, ...origins])
      branches.set(branch.label, branch)
    }
  }
  const ways = [...entries].map(([label, from]): Way => {
    const { payload, lost, late } = branches.get(label) as Branch
    const to = numberOf(new RoleView(positions, role, from))
    return { label, payload, to, ...(lost && { lost }), ...(late && { late }) }
  })
  return first.from === role ? { kind: 'send', peer: first.to, ways } : { kind: 'receive', peer: first.from, ways }
}

type Branch = (GlobalType & { readonly kind: 'interaction' })['branches'][number]

/** Throws `unmergeable` unless the role does the same at all positions of a view, or is told by a message which it is. */
function checkView(view: RoleView, role: string): void {
  const [first, ...rest] = view.cores
  if (!first) return
  for (const other of rest) {
    const why = differenceOf(first, other, role)
    if (why !== undefined) throw unmergeable(view, role, first, other, why)
  }
  if (view.cycle) {
    const loop = view.roundTrip(view.cycle)
    throw new ProtocolError(
      'unmergeable',
      `${placeOf(view.cycle)}: role "${role}" is not told which branch was taken, and would ${actionOf(first, role)} although ${listOf(loop)} may go on for ever`,
      { witness: { role, runs: [view.run(first), view.run(view.cycle)], again: loop } },
    )
  }
}

/** Why a role cannot be at both positions without being told which it is; undefined when it can. */
function differenceOf(left: Position, right: Position, role: string): string | undefined {
  const differently = `it would have to act differently: ${actionOf(left, role)} or ${actionOf(right, role)}`
  if (left.kind === 'end' || right.kind === 'end') return left.kind === right.kind ? undefined : differently
  if (left.from !== right.from || left.to !== right.to) return differently
  const others = new Map(right.branches.map((branch) => [branch.label, branch.payload]))
  for (const { label, payload } of left.branches) {
    const other = others.get(label)
    if (other && other !== payload) {
      return `"${label}" would carry two different payloads: declare its schema once, and use that one in both`
    }
  }
  if (left.to === role && unsaidOf(left) !== unsaidOf(right)) {
    return `it would go on without "${left.from}" in one of them only, or after another time`
  }
  if (left.from !== role) return undefined
  const [only] = new Set(left.branches.map(({ label }) => label)).symmetricDifference(new Set(others.keys()))
  return only === undefined ? undefined : `it may send "${only}" in only one of them`
}

/** What a receiver does without its sender, as text that is equal where it is the same. */
function unsaidOf({ branches }: Position & { readonly kind: 'interaction' }): string {
  const unsaid = branches.filter(isUnsaid).map(({ label, lost, late }) => JSON.stringify([label, lost, late]))
  return unsaid.toSorted().join()
}

function unmergeable(view: RoleView, role: string, left: Position, right: Position, why: string): ProtocolError {
  const runs = [view.run(left), view.run(right)] as const
  return new ProtocolError(
    'unmergeable',
    `${placeOf(view.parting(left, right))}: role "${role}" is not told which branch was taken, but ${why}; after ${listOf(runs[0])} or after ${listOf(runs[1])}`,
    { witness: { role, runs } },
  )
}

function placeOf(position: Position): string {
  return position.kind === 'interaction' ? position.place : 'the end'
}

/** What a role does at a position, for people. */
function actionOf(position: Position, role: string): string {
  if (position.kind === 'end') return 'be at its end'
  const labels = position.branches.map(({ label }) => `"${label}"`).slice(0, 5)
  const some = `${labels.join(' or ')}${position.branches.length > labels.length ? ' or others' : ''}`
  return position.from === role ? `send ${some} to ${position.to}` : `receive ${some} from ${position.from}`
}

function listOf(messages: readonly string[]): string {
  if (messages.length === 0) return 'the start'
  return messages.length > 5 ? `… ${messages.slice(-5).join(', ')}` : messages.join(', ')
}
