import * as v from 'valibot'
import type { Clock } from '../../../kernel/clock.ts'
import type { Host } from '../../../host/host.ts'
import type { SessionRecords } from '../../../observe/session-records.ts'
import { session as sessionSchema } from '../../../wire/api/resources.ts'
import { idOf } from '../api-context.ts'
import { ApiError } from '../api-error.ts'
import { emptyEndpoint, jsonEndpoint } from '../endpoint.ts'
import { resource, type ApiResource } from '../resource.ts'
import { sessionView } from '../views.ts'

/** `/sessions`: who is here now. */
export function sessionRoutes(options: { host: Host; records: SessionRecords; clock: Clock }): ApiResource[] {
  const { host, records, clock } = options
  return [
    resource('/sessions', {
      GET: jsonEndpoint({
        id: 'listSessions',
        summary: 'Who is here',
        action: 'manage-sessions',
        answer: v.array(sessionSchema),
        handle: () =>
          [...host.sessions.values()].map((session) =>
            sessionView(session, records.startedMs(session.id) ?? clock.epochMs()),
          ),
      }),
    }),
    resource('/sessions/:id', {
      DELETE: emptyEndpoint({
        id: 'endSession',
        summary: "End somebody's session",
        action: 'manage-sessions',
        problems: ['session-not-found'],
        handle: async (context) => {
          const session = host.sessions.get(idOf(context))
          if (!session) throw new ApiError('session-not-found', 'Cannot end the session: there is none with this id')
          await session.close('stopped')
        },
      }),
    }),
  ]
}
