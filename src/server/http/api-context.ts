import type { HttpBindings } from '@hono/node-server'
import type { Context, Hono } from 'hono'
import type { Member } from '../../domain/member.ts'
import type { Invitation } from '../../store/invitation.ts'

/** What a handler of the API finds in its context. */
export interface ApiEnv {
  Bindings: HttpBindings
  Variables: {
    /** Who asks. */
    member: Member
    /** When the right to ask ends, in milliseconds since the Unix epoch. */
    expiresMs: number | undefined
    /** On the doorstep, where nobody is a member yet: what their link is for. */
    invitation: Invitation
    /** The request is not under way any more, though its connection goes on with the answer. */
    leave: () => void
  }
}

export type ApiApp = Hono<ApiEnv>
export type ApiContext = Context<ApiEnv>

/** Tells hono's adapter that the response was written by hand. */
export function writtenByHand(): Response {
  return new Response(null, { headers: { 'x-hono-already-sent': 'true' } })
}

/** The `:id` of a path; what is too long to be one finds nothing anyway. */
export function idOf(context: ApiContext): string {
  return (context.req.param('id') ?? '').slice(0, 65)
}
