import type { GlobalType } from './global-type.ts'
import { ProtocolError } from './protocol-error.ts'
import { type Position, Positions } from './role-view.ts'

/**
 * Throws a {@link ProtocolError} for a loss that cannot be: a choice that has nothing but one or has two, a time that is none, or a
 * role that is lost and acts again in what follows.
 */
export function checkLosses(global: GlobalType): void {
  const positions = new Positions(global)
  for (const position of reachable(positions, global)) {
    if (position.kind === 'end') continue
    const { place, from, branches } = position
    const [loss, second] = branches.filter((branch) => branch.lost)
    if (!loss) continue
    if (second || branches.length === 1) {
      throw new ProtocolError(
        'malformed-step',
        `${place}: a choice has one branch for a loss at most, and others beside it`,
      )
    }
    const afterMs = loss.lost?.afterMs
    if (afterMs !== undefined && !(Number.isFinite(afterMs) && afterMs > 0)) {
      throw new ProtocolError(
        'malformed-step',
        `${place} / ${loss.label}: a time limit is more than 0 ms, got ${afterMs}`,
      )
    }
    for (const next of reachable(positions, loss.next)) {
      if (next.kind === 'end' || (next.from !== from && next.to !== from)) continue
      throw new ProtocolError(
        'lost-role',
        `${place} / ${loss.label}: "${from}" is lost, but acts again at ${next.place}`,
      )
    }
  }
}

function reachable(positions: Positions, start: GlobalType): Set<Position> {
  const found = new Set([positions.of(start)])
  // A set grows while it is gone through.
  for (const position of found) {
    if (position.kind === 'end') continue
    for (const { next } of position.branches) found.add(positions.of(next))
  }
  return found
}
