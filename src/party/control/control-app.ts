import { Hono, type Context } from 'hono'
import { KeyedPaces } from '../../http/keyed-paces.ts'
import { problemResponse } from '../../http/problem.ts'
import { bareSecurityHeaders } from '../../http/security-headers.ts'
import { serveMethods } from '../../http/serve-methods.ts'
import type { Log } from '../../kernel/log.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { PartyRegistry } from '../registry/party-registry.ts'
import type { PartyVersions } from './party-versions.ts'
import { controlCalls, type ControlCall } from './control-calls.ts'
import { controlDocument } from './control-document.ts'
import { controlProblem, notFound } from './control-problem.ts'

/** Answers a request of a control plane. */
export type ControlApp = (request: Request, address: string) => Promise<Response>

interface Pace {
  readonly perSecond: number
  readonly burst: number
}

/** How fast somebody may go. */
export interface ControlPaces {
  /** Of a source, see `sourceOf`: registering peers. */
  readonly registrations: Pace
  /** Of a peer by HTTP, of a source by WebSocket: making and joining parties. */
  readonly parties: Pace
}

/** A peer registers once a day, and again when it has lost its token. */
export const usualPaces: ControlPaces = {
  registrations: { perSecond: 0.5, burst: 20 },
  parties: { perSecond: 0.5, burst: 20 },
}

/**
 * A control plane over HTTP, at the root of its address, as clients of seed 002's system ask it. Each of its paths answers each method;
 * whatever is wrong is a problem (RFC 9457) with a `detail`.
 */
export function createControlApp(options: {
  registry: PartyRegistry
  versions: PartyVersions
  clock: Clock
  log: Log
  paces: ControlPaces
  /** Whether a peer may make a party here. */
  mayMakeParties: (peerId: string) => boolean
}): ControlApp {
  const { registry, versions, clock, log, paces, mayMakeParties } = options
  const calls = controlCalls(registry, versions, {
    registrations: new KeyedPaces(clock, paces.registrations),
    parties: new KeyedPaces(clock, paces.parties),
    mayMakeParties,
  })
  const app = new Hono<{ Bindings: { address: string } }>()
  app.onError((error) => problemResponse(controlProblem(error, log)))
  app.notFound(() => problemResponse(notFound))
  app.use(async (context, next) => {
    await next()
    for (const [name, value] of Object.entries(bareSecurityHeaders)) context.res.headers.set(name, value)
  })
  app.get('/healthz', (context) => context.json({ status: 'ok', parties: registry.partyCount }))
  const document = controlDocument(calls)
  // Where a host has documents of its own at its root.
  for (const path of ['/openapi.json', '/parties/openapi.json']) app.get(path, (context) => context.json(document))
  const answer = ({ handle }: ControlCall) => {
    return async (context: Context<{ Bindings: { address: string } }>) => {
      const said = await handle({
        request: context.req.raw,
        param: (name) => context.req.param(name) ?? '',
        query: (name) => context.req.query(name),
        bearer: /^Bearer (\S+)$/i.exec(context.req.header('authorization') ?? '')?.[1],
        address: context.env.address,
      })
      return context.json(said as object, 200, { 'Cache-Control': 'no-store' })
    }
  }
  for (const [path, here] of Map.groupBy(calls, (call) => call.path)) {
    serveMethods(app, path, Object.fromEntries(here.map((call) => [call.method, answer(call)])))
  }
  return async (request, address) => app.fetch(request, { address })
}
