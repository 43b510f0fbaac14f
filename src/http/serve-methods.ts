import type { Context, Env, Hono } from 'hono'
import { HttpError } from './http-error.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** Serves a path with the methods it has; any other one is HttpError `method-not-allowed`, with the list of those. */
export function serveMethods<E extends Env>(
  app: Hono<E>,
  path: string,
  methods: Readonly<Partial<Record<Method, (context: Context<E>) => Response | Promise<Response>>>>,
): void {
  for (const [method, handle] of Object.entries(methods)) app.on(method, path, handle)
  // A server answers HEAD as GET, without the body.
  const allow = Object.keys(methods)
    .flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))
    .join(', ')
  app.all(path, ({ req }) => {
    throw new HttpError('method-not-allowed', `Cannot ${req.method} this: wanted ${allow}`, { Allow: allow })
  })
}
