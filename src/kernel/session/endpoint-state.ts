import { messageOf } from '../coded-error.ts'
import { isUnsaid, type LocalBranch, type LocalType } from '../protocol/local-type.ts'
import { type Parsed, parsePayload } from '../protocol/schema.ts'
import type { Owner } from './endpoint.ts'
import type { OpenRequest } from './open-request.ts'
import { SessionError } from './contract/session-error.ts'
import { emptyScope, type Point, type Scope, unfoldIfVarWithScope } from '../protocol/unfold.ts'

/** One role's end: the type it was opened with, where it is now, and who may act for it. */
export class EndpointState {
  readonly role: string
  original: LocalType
  owner: Owner
  /** How often it was handed over. */
  transfers = 0
  /** In the middle of an action: what is called on the way may not act for the same role. */
  busy = false
  /** Its owner has said that it is done. */
  done = false
  /** It was taken out, or is lost: nobody acts for it. */
  removed = false
  #local: LocalType
  #scope: Scope = emptyScope

  /** Number `index` of those that a request, which was admitted, asks for. */
  constructor({ roles, localTypes, owners }: Pick<OpenRequest, 'roles' | 'localTypes' | 'owners'>, index: number) {
    this.role = roles[index] as string
    this.original = localTypes[index] as LocalType
    this.owner = owners[index] as Owner
    this.#local = this.original
  }

  get current(): Point {
    return { local: this.#local, scope: this.#scope }
  }

  /** The action that it is at, with all names in front resolved. */
  head(): Point {
    return unfoldIfVarWithScope(this.current)
  }

  /** Nothing more is to be said or heard by it. */
  get atEnd(): boolean {
    return this.removed || this.#local.kind === 'end' || this.head().local.kind === 'end'
  }

  moveTo(local: LocalType, scope: Scope): void {
    this.#local = local
    this.#scope = scope
  }
}

/** A step that a type allows: the branch it takes, the loops around it, and whether there were others. */
export interface Allowed {
  readonly branch: LocalBranch
  readonly scope: Scope
  readonly choice: boolean
}

/** How errors name a session. */
interface Named {
  readonly sid: number
  readonly protocol: string
}

/** The step that an endpoint may take with that label. Throws `unexpected-action` when there is none. */
export function wantAllowed(
  session: Named,
  state: EndpointState,
  kind: 'send' | 'receive',
  peer: string,
  label: string,
): Allowed {
  const { local, scope } = state.head()
  if (local.kind === kind && (local.kind === 'send' ? local.to : local.from) === peer) {
    const branch = local.branches.find((each) => each.label === label && !isUnsaid(each))
    if (branch) return { branch, scope, choice: local.branches.length > 1 }
  }
  throw unexpectedAction(session, state, `${kind} "${label}" ${kind === 'send' ? 'to' : 'from'} ${peer}`)
}

export function unexpectedAction({ sid, protocol }: Named, state: EndpointState, what: string): SessionError {
  return new SessionError(
    'unexpected-action',
    `Session ${sid} ("${protocol}"): ${state.role} cannot ${what}: its type allows ${describeAllowed(state.head().local)}`,
  )
}

/** What a type allows, for people. */
export function describeAllowed(local: LocalType): string {
  if (local.kind !== 'send' && local.kind !== 'receive') return 'nothing more'
  const labels = local.branches
    .filter((branch) => !isUnsaid(branch))
    .map((branch) => `"${branch.label}"`)
    .join(' or ')
  return local.kind === 'send' ? `send ${labels} to ${local.to}` : `receive ${labels} from ${local.from}`
}

/** What the schema of a branch makes of a payload; one that answers later is a fault like others. */
export function readPayload({ payload: schema }: LocalBranch, payload: unknown): Parsed {
  try {
    return parsePayload(schema, payload)
  } catch (error) {
    return { fault: messageOf(error) }
  }
}
