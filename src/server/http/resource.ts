import type { ApiApp } from './api-context.ts'
import { ApiError } from './api-error.ts'
import type { Endpoint } from './endpoint.ts'
import { demand } from './member-rights.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** One path and what can be done there. The API's document is made from the same list that is served. */
export interface ApiResource {
  /** As hono writes it: `/lobbies/:id`. */
  readonly path: string
  readonly endpoints: Readonly<Partial<Record<Method, Endpoint>>>
}

/** What is served, by who may ask for it. */
export interface Routes {
  /** For everybody, at the root. */
  readonly open: readonly ApiResource[]
  /** For who holds a link and is no member yet, below `/api/v1`. */
  readonly doorstep: readonly ApiResource[]
  /** For members, at the root. */
  readonly guarded: readonly ApiResource[]
  /** For members, below `/api/v1`. */
  readonly api: readonly ApiResource[]
}

export function resource(path: string, endpoints: ApiResource['endpoints']): ApiResource {
  return { path, endpoints }
}

/** Serves a path with the methods it has; any other method is answered with 405 and the list of those. */
export function serve(app: ApiApp, { path, endpoints }: ApiResource): void {
  for (const [method, { action, handle }] of Object.entries(endpoints)) {
    app.on(method, path, (context) => {
      if (action) demand(context.get('member'), action)
      return handle(context)
    })
  }
  const methods = Object.keys(endpoints)
  const allow = methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])).join(', ')
  app.all(path, ({ req }) => {
    throw new ApiError('method-not-allowed', `Cannot ${req.method} this: wanted ${allow}`, { Allow: allow })
  })
}
