import { type GlobalType, lower } from './global-type.ts'
import type { LocalType } from './local-type.ts'
import type { Body } from './notation.ts'
import { checkLosses } from './losses.ts'
import { project } from './projection.ts'
import { checkWellFormed } from './well-formed.ts'

/** A conversation, declared once: who takes part, and what each may say when. */
export interface Protocol<Roles extends readonly string[] = readonly string[], B extends Body = Body> {
  readonly name: string
  readonly roles: Roles
  readonly body: B
  readonly global: GlobalType
  /** Each role's own view. */
  readonly locals: { readonly [R in Roles[number]]: LocalType }
}

/**
 * Declares a protocol. Throws a {@link ProtocolError} that names the place when it is not well-formed or when a role
 * cannot know what to do (`protocol-error.ts` lists the reasons).
 */
export function protocol<const Roles extends readonly string[], const B extends Body<Roles[number]>>(
  name: string,
  roles: Roles,
  body: B,
): Protocol<Roles, B> {
  checkWellFormed(name, roles, body)
  const global = lower(body, name)
  checkLosses(global)
  const locals = Object.fromEntries(roles.map((role) => [role, project(global, role)]))
  return { name, roles, body, global, locals: locals as Protocol<Roles, B>['locals'] }
}
