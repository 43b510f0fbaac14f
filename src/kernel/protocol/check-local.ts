import { FreeNames } from './free-names.ts'
import type { LocalBranch, LocalType } from './local-type.ts'
import { explore } from './points.ts'
import { ProtocolError } from './protocol-error.ts'
import { isSchema } from './schema.ts'

/**
 * Throws a {@link ProtocolError} for a local type that did not come of a projection and means nothing: a kind that there
 * is not, a choice between nothing or between two of one label, a payload without a schema, a name that is bound by no
 * loop, a loop in which nothing is said. `role` is whose type it is.
 */
export function checkLocal(role: string, local: LocalType): void {
  const places = new Map<LocalType, string>([[local, role]])
  // A map grows while it is gone through.
  for (const [type, place] of places) {
    for (const [next, where] of followers(type, place)) if (!places.has(next)) places.set(next, where)
  }
  const [unbound] = new FreeNames().of(local)
  if (unbound !== undefined) {
    throw new ProtocolError('unbound-loop', `${role}: it begins loop "${unbound}" again, which is not around it`)
  }
  explore(local)
}

function followers(type: LocalType, place: string): [LocalType, string][] {
  if (typeof type !== 'object' || type === null) {
    throw new ProtocolError('malformed-step', `${place}: there is no type, but ${String(type)}`)
  }
  switch (type.kind) {
    case 'end':
    case 'var':
      return []
    case 'mu':
      return [[type.body, `${place} / loop ${type.name}`]]
    case 'send':
      return branchesOf(type.branches, `${place} / !${type.to}`)
    case 'receive':
      return branchesOf(type.branches, `${place} / ?${type.from}`)
  }
  const { kind }: { readonly kind: unknown } = type
  throw new ProtocolError('malformed-step', `${place}: there is no kind of type "${String(kind)}"`)
}

function branchesOf(branches: readonly LocalBranch[], place: string): [LocalType, string][] {
  if (!Array.isArray(branches) || branches.length === 0) {
    throw new ProtocolError('empty-choice', `${place}: there is nothing to choose from`)
  }
  const labels = new Set<string>()
  return branches.map(({ label, payload, next }: LocalBranch) => {
    if (typeof label !== 'string') throw new ProtocolError('malformed-step', `${place}: a label is no text`)
    if (labels.has(label)) throw new ProtocolError('ambiguous-label', `${place}: there are two branches "${label}"`)
    labels.add(label)
    if (!isSchema(payload))
      throw new ProtocolError('malformed-payload', `${place} / ${label}: its payload has no schema`)
    return [next, `${place} / ${label}`]
  })
}
