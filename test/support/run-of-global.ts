import type { GlobalType } from '../../src/kernel/protocol/global-type.ts'
import { Positions } from '../../src/kernel/protocol/role-view.ts'

/** What one role did: `to!label`, `from?label`, or `from~label` for a branch that nobody sends. */
export type LocalDeed = `${string}${'!' | '?' | '~'}${string}`

/**
 * Whether what the roles did, each as it saw it, is part of one run of the global type: every message that was received was sent, by
 * whom and where the type has it, and nobody did anything else. It knows nothing of projection; a role may not have come as far
 * as the others.
 */
export function isRunOf(global: GlobalType, deeds: Readonly<Record<string, readonly LocalDeed[]>>): boolean {
  const positions = new Positions(global)
  const waiting = [{ at: positions.of(global), done: new Map<string, number>() }]
  const roles = Object.keys(deeds)
  const seen = new Set<string>()
  for (let here = waiting.pop(); here; here = waiting.pop()) {
    const { at, done } = here
    const isDone = (role: string) => (done.get(role) ?? 0) >= (deeds[role]?.length ?? 0)
    if (roles.every(isDone)) return true
    if (at.kind !== 'interaction') continue
    const key = JSON.stringify([positions.numberOf(at), roles.map((role) => done.get(role) ?? 0)])
    if (seen.has(key)) continue
    seen.add(key)
    const { from, to } = at
    const heard = isDone(to) ? undefined : deeds[to]?.[done.get(to) ?? 0]
    const said = isDone(from) ? undefined : deeds[from]?.[done.get(from) ?? 0]
    const spoken = at.branches.filter(({ lost, late }) => !lost && !late)
    for (const { label, next, lost, late } of at.branches) {
      const isUnsaid = lost !== undefined || late !== undefined
      if (heard !== undefined && heard !== (isUnsaid ? `${from}~${label}` : `${from}?${label}`)) continue
      // Who is late says one of the others, sooner or later; who is lost says nothing more.
      const words = isUnsaid ? (late ? spoken.map((each) => each.label) : []) : [label]
      if (said !== undefined && !words.some((word) => said === `${to}!${word}`)) continue
      if (heard !== undefined && !isUnsaid && said === undefined) continue
      const after = new Map(done)
      if (heard !== undefined) after.set(to, (done.get(to) ?? 0) + 1)
      if (said !== undefined) after.set(from, (done.get(from) ?? 0) + 1)
      waiting.push({ at: positions.of(next), done: after })
    }
  }
  return false
}
