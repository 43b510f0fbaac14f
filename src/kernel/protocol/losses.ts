import type { GlobalType } from './global-type.ts'
import { isUnsaid } from './local-type.ts'
import { ProtocolError } from './protocol-error.ts'
import { type Position, Positions } from './role-view.ts'

/**
 * Throws a {@link ProtocolError} for a loss or a time limit that cannot be: a choice that has nothing else, or two of one kind, a
 * time that is none, a limit that the loss would always come before, or a role that is lost and acts again in what follows.
 */
export function checkLosses(global: GlobalType): void {
  const positions = new Positions(global)
  for (const position of reachable(positions, global)) {
    if (position.kind === 'end') continue
    checkLimits(position)
    const { place, from, branches } = position
    const loss = branches.find(({ lost }) => lost)
    if (!loss) continue
    for (const next of reachable(positions, loss.next)) {
      if (next.kind === 'end' || (next.from !== from && next.to !== from)) continue
      throw new ProtocolError(
        'lost-role',
        `${place} / ${loss.label}: "${from}" is lost, but acts again at ${next.place}`,
      )
    }
  }
}

function checkLimits({ place, branches }: Position & { readonly kind: 'interaction' }): void {
  const losses = branches.filter(({ lost }) => lost)
  const delays = branches.filter(({ late }) => late)
  if (branches.length === 0 || branches.some((branch) => !isUnsaid(branch))) {
    if (losses.length > 1 || delays.length > 1) {
      throw new ProtocolError(
        'malformed-step',
        `${place}: a choice has one branch for a loss and one for a delay at most`,
      )
    }
  } else throw new ProtocolError('malformed-step', `${place}: nobody could say anything here`)
  for (const { label, lost, late } of [...losses, ...delays]) {
    const afterMs = (lost ?? late)?.afterMs
    if ((lost && afterMs === undefined) || (Number.isFinite(afterMs) && Number(afterMs) > 0)) continue
    throw new ProtocolError('malformed-step', `${place} / ${label}: a time limit is more than 0 ms, got ${afterMs}`)
  }
  const [loss, delay] = [losses[0]?.lost?.afterMs ?? Infinity, delays[0]?.late?.afterMs ?? 0]
  if (loss > delay) return
  throw new ProtocolError('malformed-step', `${place}: nobody is late after ${delay} ms who is lost after ${loss} ms`)
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
