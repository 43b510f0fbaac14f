import type { Clock } from '../../../kernel/clock.ts'
import type { Host } from '../../../host/host.ts'
import type { StreamSession } from '../../../host/stream-session.ts'
import type { SessionRecords } from '../../../observe/session-records.ts'
import { ApiError } from '../api-error.ts'
import { demand } from '../member-rights.ts'
import { idOf, resource, type ApiApp } from '../resource.ts'
import { recordView, sessionView } from '../views.ts'

/** `/sessions`: who is here now; `/records`: what became of everybody. */
export function sessionRoutes(
  app: ApiApp,
  { host, records, clock }: { host: Host; records: SessionRecords; clock: Clock },
): void {
  const view = (session: StreamSession) => {
    return sessionView(session, records.get(session.id)?.startedMs ?? clock.epochMs())
  }

  resource(app, '/sessions', {
    GET: (context) => {
      demand(context.get('member'), 'manage-sessions')
      return context.json([...host.sessions.values()].map(view))
    },
  })

  resource(app, '/sessions/:id', {
    DELETE: async (context) => {
      demand(context.get('member'), 'manage-sessions')
      const session = host.sessions.get(idOf(context))
      if (!session) throw new ApiError('session-not-found', 'Cannot end the session: there is none with this id')
      await session.close('stopped')
      return context.body(null, 204)
    },
  })

  resource(app, '/records', {
    GET: (context) => {
      demand(context.get('member'), 'manage-sessions')
      return context.json(records.list().map(recordView))
    },
  })
}
