import { getRequestListener } from '@hono/node-server'
import { Hono, type MiddlewareHandler } from 'hono'
import type { RequestListener } from 'node:http'
import type { Log } from '../../kernel/log.ts'
import { apiPrefix } from '../../wire/api/resources.ts'
import { bearerOfHeader } from '../auth/bearer.ts'
import { ApiError } from './api-error.ts'
import type { Gate } from './gate.ts'
import { problemOf } from './problem.ts'
import type { ApiApp, ApiEnv } from './resource.ts'
import { securityHeaders } from './security-headers.ts'
import type { StaticFiles } from './static-files.ts'

/** What is served, by who may ask for it. */
export interface Routes {
  /** For everybody, at the root. */
  readonly open: (app: ApiApp) => void
  /** For members, at the root; the paths have to be named here, so that nothing is left unguarded by mistake. */
  readonly guarded: Readonly<Record<`/${string}`, (app: ApiApp) => void>>
  /** For members, below {@link apiPrefix}. */
  readonly api: (app: ApiApp) => void
}

/** Everything that is answered on the web port, as a listener of `node:http`; what is no route is a file of the page. */
export function createWebApp(options: { gate: Gate; files: StaticFiles; routes: Routes; log: Log }): RequestListener {
  const { gate, files, routes, log } = options
  const app: ApiApp = new Hono<ApiEnv>()
  const problemResponse = (error: unknown) => {
    const { status, headers, body } = problemOf(error, log)
    return new Response(body, { status, headers })
  }
  app.onError(problemResponse)
  app.notFound(() => problemResponse(new ApiError('not-found', 'Cannot find anything at this address')))

  // The outermost step: it sees the answers to errors as well.
  app.use(async (context, next) => {
    await next()
    const headers = securityHeaders(gate.trustedHost(context.env.incoming))
    for (const [name, value] of Object.entries(headers)) context.res.headers.set(name, value)
    if (!context.res.headers.has('Cache-Control')) context.res.headers.set('Cache-Control', 'no-store')
  })
  app.use(async (context, next) => {
    gate.checkAddress(context.env.incoming)
    await next()
  })
  routes.open(app)

  const guard: MiddlewareHandler<ApiEnv> = async (context, next) => {
    const { incoming } = context.env
    gate.checkOrigin(incoming)
    const { member, expiresMs } = gate.admit(incoming, bearerOfHeader(incoming.headers.authorization))
    context.set('member', member)
    context.set('expiresMs', expiresMs)
    await next()
  }
  for (const [path, route] of Object.entries(routes.guarded)) {
    app.use(path, guard)
    route(app)
  }
  app.use(`${apiPrefix}/*`, guard)
  const api: ApiApp = new Hono<ApiEnv>()
  routes.api(api)
  app.route(apiPrefix, api)

  app.all('*', async (context) => {
    const { method, path, raw } = context.req
    if (path.startsWith('/api/')) return context.notFound()
    if (method !== 'GET' && method !== 'HEAD') {
      throw new ApiError('method-not-allowed', `Cannot ${method} this: wanted GET, HEAD`, { Allow: 'GET, HEAD' })
    }
    return (await files.answer(path, raw.headers)) ?? context.notFound()
  })

  const malformed = new ApiError('invalid-request', 'Cannot understand the address of the request')
  const listener = getRequestListener((request, env) => app.fetch(request, env), {
    overrideGlobalObjects: false,
    errorHandler: () => problemResponse(malformed),
  })
  return (request, response) => void listener(request, response)
}
