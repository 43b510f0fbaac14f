import type { HttpBindings } from '@hono/node-server'
import type { Context, Hono } from 'hono'
import type { Member } from '../../host/member.ts'
import { ApiError } from './api-error.ts'

/** What a handler of the API finds in its context. */
export interface ApiEnv {
  Bindings: HttpBindings
  Variables: {
    /** Who asks. */
    member: Member
    /** When the right to ask ends, in milliseconds since the Unix epoch. */
    expiresMs: number | undefined
  }
}

export type ApiApp = Hono<ApiEnv>
export type ApiContext = Context<ApiEnv>
type Handler = (context: ApiContext) => Response | Promise<Response>

/** Serves one path with the methods it has; any other method is answered with 405 and the list of those. */
export function resource(
  app: ApiApp,
  path: string,
  handlers: Readonly<Partial<Record<'GET' | 'POST' | 'PATCH' | 'DELETE', Handler>>>,
): void {
  for (const [method, handler] of Object.entries(handlers)) app.on(method, path, handler)
  const methods = Object.keys(handlers)
  const allow = methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])).join(', ')
  app.all(path, ({ req }) => {
    throw new ApiError('method-not-allowed', `Cannot ${req.method} this: wanted ${allow}`, { Allow: allow })
  })
}

/** The `:id` of a path; what is too long to be one finds nothing anyway. */
export function idOf(context: ApiContext): string {
  return (context.req.param('id') ?? '').slice(0, 65)
}
