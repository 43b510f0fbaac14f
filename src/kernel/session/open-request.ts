import { compileTable } from '../monitor/monitor-table.ts'
import type { LocalType } from '../protocol/local-type.ts'
import { isRoleName } from '../protocol/well-formed.ts'
import { type SessionAuth, SignedEdge } from './auth/signed-edge.ts'
import type { BufferConfig } from '../bounded-buffer.ts'
import { messageOf } from '../coded-error.ts'
import { checkLocal } from '../protocol/check-local.ts'
import type { Owner } from './endpoint.ts'
import { Edge, type EdgeHandler, type EdgeName, edgesOf } from './edge.ts'
import { SessionError } from './contract/session-error.ts'

/** What `open` is given (seed 004: `roles`, `local_types`, `handlers`, `dsts`). */
export interface OpenRequest {
  /** Name of the protocol, for messages and authentication. */
  readonly protocol: string
  readonly roles: readonly string[]
  /** One for each role, in the same order. */
  readonly localTypes: readonly LocalType[]
  /** One for each role: who will own its endpoint. */
  readonly owners: readonly Owner[]
  /** One for each edge that the local types have. */
  readonly handlers: ReadonlyMap<EdgeName, EdgeHandler>
  /** Edges that are not to have the default buffer. */
  readonly buffers?: ReadonlyMap<EdgeName, BufferConfig>
  /** Left out, messages are not signed: right where all ends are in one process. */
  readonly auth?: SessionAuth
}

/**
 * Checks a request and makes its edges. Throws a {@link SessionError} for roles named twice, badly or not at all, for
 * different numbers of roles, types and owners, for a type that means nothing, for an edge that only one of its ends
 * knows, that has no handler, or that may lose messages which its receiver would miss, for a buffer that cannot be or of an
 * edge that is not there, and for a sender without a key where messages are signed. Types in `checked` are known to mean
 * something; those found good are added.
 */
export function admit(request: OpenRequest, checked: WeakSet<LocalType>): ReadonlyMap<EdgeName, Edge> {
  const { protocol, roles, localTypes, owners, handlers, buffers, auth } = request
  const twice = roles.find((role, index) => roles.indexOf(role) !== index)
  if (twice !== undefined)
    throw new SessionError('duplicate-role', `Cannot open "${protocol}": role "${twice}" is named twice`)
  const malformed = roles.find((role) => !isRoleName(role))
  if (malformed !== undefined)
    throw new SessionError('malformed-role', `Cannot open "${protocol}": "${malformed}" is empty or has "->" in it`)
  // Nobody could close a session without endpoints.
  if (roles.length === 0 || localTypes.length !== roles.length || owners.length !== roles.length) {
    throw new SessionError(
      'arity-mismatch',
      `Cannot open "${protocol}": ${roles.length} roles, ${localTypes.length} local types and ${owners.length} destinations`,
    )
  }
  for (const [index, local] of localTypes.entries()) {
    if (checked.has(local)) continue
    checkType(protocol, roles[index] ?? '', local)
    checked.add(local)
  }
  const known = roles.map((role, index) => edgesOf(role, localTypes[index] as LocalType))
  const edges = new Map<EdgeName, Edge>()
  for (const [name, [from, to]] of known.flatMap((ends) => [...ends])) {
    if (edges.has(name)) continue
    for (const role of [from, to]) {
      const index = roles.indexOf(role)
      if (index < 0)
        throw new SessionError(
          'unknown-role',
          `Cannot open "${protocol}": ${name} leads to role "${role}", which is not opened`,
        )
      if (!known[index]?.has(name)) {
        throw new SessionError(
          'unmatched-edge',
          `Cannot open "${protocol}": the type of "${role}" does not have the edge ${name}`,
        )
      }
    }
    const handler = handlers.get(name)
    if (typeof handler !== 'function')
      throw new SessionError('missing-handler', `Cannot open "${protocol}": edge ${name} has no handler`)
    const config = buffers?.get(name)
    if (config && isLossy(config)) checkLossy(protocol, name, from, localTypes[roles.indexOf(to)] as LocalType)
    const signed = auth && new SignedEdge(auth, protocol, from, to)
    try {
      edges.set(name, new Edge(from, to, handler, config, signed))
    } catch (error) {
      throw new SessionError('malformed-buffer', `Cannot open "${protocol}": edge ${name}: ${messageOf(error)}`, {
        cause: error,
      })
    }
  }
  for (const name of buffers?.keys() ?? []) {
    if (!edges.has(name))
      throw new SessionError('unmatched-edge', `Cannot open "${protocol}": there is no edge ${name} to buffer`)
  }
  return edges
}

function checkType(protocol: string, role: string, local: LocalType): void {
  try {
    checkLocal(role, local)
  } catch (error) {
    throw new SessionError('malformed-type', `Cannot open "${protocol}": ${messageOf(error)}`, { cause: error })
  }
}

function isLossy(config: BufferConfig): boolean {
  return config.mode === 'latestValue' || config.policy === 'drop'
}

/** A message may be lost only where receiving it leaves the receiver where it was. */
function checkLossy(protocol: string, name: EdgeName, from: string, receiver: LocalType): void {
  const table = compileTable(receiver)
  const labels = [...(table.received.get(from)?.values() ?? [])]
  for (let state = 0; state < table.states; state++) {
    for (const label of labels) {
      const next = table.next[state * table.messages.length + label] ?? -1
      if (next >= 0 && next !== state) {
        throw new SessionError(
          'lossy-edge',
          `Cannot open "${protocol}": edge ${name} may lose messages, but "${table.messages[label]?.label}" changes what its receiver does next`,
        )
      }
    }
  }
}
