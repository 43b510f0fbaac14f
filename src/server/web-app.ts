import { getRequestListener } from '@hono/node-server'
import { Hono, type MiddlewareHandler } from 'hono'
import type { RequestListener } from 'node:http'
import { problemResponse } from '../http/problem.ts'
import type { Log } from '../kernel/log.ts'
import type { ControlApp } from '../party/control/control-app.ts'
import { visitorOf } from '../http/visitor-of.ts'
import { apiPrefix } from '../wire/api/resources.ts'
import { bearerOfHeader } from './auth/bearer.ts'
import { writtenByHand, type ApiApp, type ApiContext, type ApiEnv } from './http/api-context.ts'
import type { Shares } from './http/shares.ts'
import { ApiError } from './http/api-error.ts'
import type { Gate } from './http/gate.ts'
import { problemOf } from './http/problem.ts'
import { serve, type Routes } from './http/resource.ts'
import { documentRoute } from './http/routes/document-route.ts'
import { securityHeaders } from './http/security-headers.ts'
import type { StaticFiles } from './http/static-files.ts'

/** Everything that is answered on the web port. */
export interface WebApp {
  readonly onRequest: RequestListener
  /** What the router has, method by method; `ALL` are steps on the way. */
  readonly routes: readonly { readonly method: string; readonly path: string }[]
}

/**
 * A client that was lost asks by HEAD whether anybody is here again; it can bring no token with that (seed 003). The connection
 * is not kept: the next time it may be dead, and the client would wait for an answer by it.
 */
const knock: MiddlewareHandler<ApiEnv> = async (context, next) => {
  if (context.req.raw.method === 'HEAD') return context.body(null, 204, { Connection: 'close' })
  await next()
}

/**
 * Whether somebody is here may be known to pages of any origin: such a page loses its host as well, and finds it again as fast.
 * There is nothing in an answer to HEAD, and nothing of it is told.
 */
const knockable = { 'Cross-Origin-Resource-Policy': 'cross-origin' }

/**
 * What pages of any origin may ask (Fetch Standard, CORS protocol): what a link offers, and to redeem it. The token that such a request
 * brings is all that lets it in, and nothing that a browser keeps is looked at.
 */
const forAnyPage = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Expose-Headers': 'Retry-After',
  'Cross-Origin-Resource-Policy': 'cross-origin',
}
/** What a control plane is asked at. */
const controlPaths = ['/auth/register', '/parties/*', '/relays/*']
const preflight = {
  ...forAnyPage,
  'Access-Control-Allow-Methods': 'GET, POST',
  'Access-Control-Allow-Headers': 'Authorization, Content-Type',
  'Access-Control-Max-Age': '86400',
}

/** Puts together what is answered on the web port; what is no route is a file of the page. */
export function createWebApp(options: {
  gate: Gate
  shares: Shares
  files: StaticFiles
  routes: Routes
  /** The control plane of parties; undefined where there is none. */
  parties: ControlApp | undefined
  log: Log
}): WebApp {
  const { gate, shares, files, routes, parties, log } = options
  const app: ApiApp = new Hono<ApiEnv>()
  const refusal = (error: unknown, context?: ApiContext) => {
    return problemResponse(problemOf(error, log, context?.get('member')?.role === 'owner'))
  }
  app.onError(refusal)
  app.notFound(() => refusal(new ApiError('not-found', 'Cannot find anything at this address')))

  // The outermost step: it sees the answers to errors as well.
  app.use(async (context, next) => {
    await next()
    const headers = {
      ...securityHeaders(gate.trustedHost(context.env.incoming)),
      ...(context.req.raw.method === 'HEAD' && knockable),
    }
    // What is served with a stricter policy of its own keeps it.
    for (const [name, value] of Object.entries(headers)) {
      if (!context.res.headers.has(name)) context.res.headers.set(name, value)
    }
    if (!context.res.headers.has('Cache-Control')) context.res.headers.set('Cache-Control', 'no-store')
  })
  app.use(async (context, next) => {
    gate.checkAddress(context.env.incoming)
    await next()
  })
  app.use(`${apiPrefix}/signal`, knock)
  // As clients written for a control plane ask: at the root of its address.
  for (const path of parties ? controlPaths : []) {
    app.use(path, async ({ req, env: { incoming } }) => {
      gate.checkOrigin(incoming)
      return (parties as ControlApp)(req.raw, visitorOf(incoming))
    })
  }
  for (const open of [...routes.open, documentRoute(routes)]) serve(app, open)

  const openToPages: MiddlewareHandler<ApiEnv> = async (context, next) => {
    await next()
    for (const [name, value] of Object.entries(forAnyPage)) context.res.headers.set(name, value)
  }
  const doorstep: MiddlewareHandler<ApiEnv> = async (context, next) => {
    const { incoming } = context.env
    if (context.req.method === 'OPTIONS') return context.body(null, 204, preflight)
    context.set('invitation', await gate.invitationOf(incoming, bearerOfHeader(incoming.headers.authorization)))
    await next()
  }
  for (const { path, endpoints } of routes.doorstep) {
    app.use(apiPrefix + path, openToPages, doorstep)
    serve(app, { path: apiPrefix + path, endpoints })
  }
  const guard: MiddlewareHandler<ApiEnv> = async (context, next) => {
    const { incoming, outgoing } = context.env
    gate.checkOrigin(incoming)
    const { member, expiresMs } = await gate.admit(incoming, bearerOfHeader(incoming.headers.authorization))
    const leave = shares.take('requests', member)
    outgoing.once('close', leave)
    context.set('leave', leave)
    context.set('member', member)
    context.set('expiresMs', expiresMs)
    await next()
  }
  for (const guarded of routes.guarded) {
    app.use(guarded.path, guard)
    serve(app, guarded)
  }
  app.use(`${apiPrefix}/*`, guard)
  const api: ApiApp = new Hono<ApiEnv>()
  for (const member of routes.api) serve(api, member)
  app.route(apiPrefix, api)

  app.all('*', async (context) => {
    const { method, path, raw } = context.req
    if (path.startsWith('/api/')) return context.notFound()
    if (method !== 'GET' && method !== 'HEAD') {
      throw new ApiError('method-not-allowed', `Cannot ${method} this: wanted GET, HEAD`, { Allow: 'GET, HEAD' })
    }
    const file = await files.find(path, raw.headers)
    if (!file) return context.notFound()
    const { outgoing, incoming } = context.env
    // By hand, since an answer of the web's kind copies what it says: everybody is sent the same bytes.
    outgoing.writeHead(file.status, {
      ...securityHeaders(gate.trustedHost(incoming)),
      ...(method === 'HEAD' && knockable),
      ...file.headers,
    })
    outgoing.end(method === 'HEAD' ? undefined : file.bytes)
    return writtenByHand()
  })

  const malformed = new ApiError('invalid-request', 'Cannot understand the address of the request')
  const listener = getRequestListener((request, env) => app.fetch(request, env), {
    overrideGlobalObjects: false,
    errorHandler: () => refusal(malformed),
  })
  return { onRequest: (request, response) => void listener(request, response), routes: app.routes }
}
