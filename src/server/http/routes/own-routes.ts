import type { Host } from '../../../host/host.ts'
import type { HostInfo, Me } from '../../../wire/api/resources.ts'
import type { EventFeed } from '../event-feed.ts'
import { eventStreamHeaders } from '../event-stream.ts'
import { demand } from '../member-rights.ts'
import { resource, type ApiApp } from '../resource.ts'
import { securityHeaders } from '../security-headers.ts'
import { appView, isoTime } from '../views.ts'

/** Tells hono's adapter that the response was written by hand. */
const alreadySent = 'x-hono-already-sent'

/** `/me` and `/events` for every member; `/host` and `/apps` for who opens lobbies. */
export function ownRoutes(
  app: ApiApp,
  { host, hostInfo, feed }: { host: Host; hostInfo: () => HostInfo; feed: EventFeed },
): void {
  resource(app, '/me', {
    GET: (context) => {
      const { name, role, lobbyId } = context.get('member')
      const expiresMs = context.get('expiresMs')
      const me: Me = {
        name,
        role,
        lobbyId: lobbyId ?? null,
        expiresAt: expiresMs === undefined ? null : isoTime(expiresMs),
      }
      return context.json(me)
    },
  })

  resource(app, '/host', {
    GET: (context) => {
      demand(context.get('member'), 'manage-lobbies')
      return context.json(hostInfo())
    },
  })

  resource(app, '/apps', {
    GET: (context) => {
      demand(context.get('member'), 'manage-lobbies')
      return context.json(host.apps.map(appView))
    },
  })

  resource(app, '/events', {
    GET: (context) => {
      const { incoming, outgoing } = context.env
      if (incoming.method === 'HEAD') return context.body(null, 200, eventStreamHeaders)
      feed.open(context.get('member'), outgoing, securityHeaders(incoming.headers.host))
      return new Response(null, { headers: { [alreadySent]: 'true' } })
    },
  })
}
