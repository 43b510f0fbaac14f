import * as v from 'valibot'
import {
  hostInfo as hostInfoSchema,
  keyboardLayout,
  me,
  resetEvent,
  secureOrigin as secureOriginSchema,
  type HostInfo,
  type KeyboardLayoutView,
} from '../../../wire/api/resources.ts'
import { writtenByHand } from '../api-context.ts'
import { jsonEndpoint, type Endpoint } from '../endpoint.ts'
import type { EventFeed } from '../event-feed.ts'
import { eventStreamHeaders } from '../event-stream.ts'
import { resource, type ApiResource } from '../resource.ts'
import { secureOrigin } from '../secure-origin.ts'
import { securityHeaders } from '../security-headers.ts'
import { isoTime, scopeView } from '../views.ts'

/** `/me`, `/secure-origin` and `/events` for every member; `/host` and `/keyboard-layouts` for who opens lobbies. */
export function ownRoutes(options: {
  hostInfo: () => HostInfo
  layouts: readonly KeyboardLayoutView[]
  allowedOrigins: readonly string[]
  speaksTls: boolean
  feed: EventFeed
}): ApiResource[] {
  const { hostInfo, layouts, feed } = options
  return [
    resource('/me', {
      GET: jsonEndpoint({
        id: 'readMe',
        summary: 'Who the token says one is',
        answer: me,
        handle: (context) => {
          const { name, role, lobbies } = context.get('member')
          const expiresMs = context.get('expiresMs')
          return {
            name,
            role,
            ...scopeView(lobbies),
            expiresAt: expiresMs === undefined ? null : isoTime(expiresMs),
          }
        },
      }),
    }),
    resource('/secure-origin', {
      GET: jsonEndpoint({
        id: 'readSecureOrigin',
        summary: 'Where the page that asks is found by HTTPS',
        answer: secureOriginSchema,
        handle: (context) => ({ origin: secureOrigin(context.env.incoming, options) ?? null }),
      }),
    }),
    resource('/host', {
      GET: jsonEndpoint({
        id: 'readHost',
        summary: 'What this machine can do, and what is missing',
        action: 'manage-lobbies',
        answer: hostInfoSchema,
        handle: () => hostInfo(),
      }),
    }),
    resource('/keyboard-layouts', {
      GET: jsonEndpoint({
        id: 'listKeyboardLayouts',
        summary: 'The keyboard layouts that lobbies can have',
        action: 'manage-lobbies',
        answer: v.array(keyboardLayout),
        handle: () => [...layouts],
      }),
    }),
    resource('/events', { GET: followEvents(feed) }),
  ]
}

function followEvents(feed: EventFeed): Endpoint {
  return {
    id: 'followEvents',
    summary: 'Follow what changes',
    action: 'watch',
    headers: { 'Last-Event-ID': 'Where the client was cut off: it is told what it missed, or to ask anew' },
    problems: ['too-many-streams'],
    answers: {
      200: {
        type: 'text',
        mediaType: 'text/event-stream',
        description: `Server-sent events; the data of each is one ApiEvent, except for "event: ${resetEvent}"`,
      },
    },
    handle: (context) => {
      const { incoming, outgoing } = context.env
      if (incoming.method === 'HEAD') return context.body(null, 200, eventStreamHeaders)
      feed.open({
        member: context.get('member'),
        response: outgoing,
        headers: securityHeaders(incoming.headers.host),
        lastEventId: context.req.header('last-event-id'),
      })
      context.get('leave')()
      return writtenByHand()
    },
  }
}
