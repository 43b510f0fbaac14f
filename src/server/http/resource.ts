import { serveMethods, type Method } from '../../http/serve-methods.ts'
import type { ApiApp, ApiContext } from './api-context.ts'
import type { Endpoint } from './endpoint.ts'
import { demand } from './member-rights.ts'

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

/** Serves a path with the methods it has, each to who may. */
export function serve(app: ApiApp, { path, endpoints }: ApiResource): void {
  const guarded = ({ action, handle }: Endpoint) => {
    return (context: ApiContext) => {
      if (action) demand(context.get('member'), action)
      return handle(context)
    }
  }
  const methods = Object.entries(endpoints).map(([method, endpoint]) => [method, guarded(endpoint)] as const)
  serveMethods(app, path, Object.fromEntries(methods))
}
