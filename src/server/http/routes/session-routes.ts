import * as v from 'valibot'
import type { Clock } from '../../../kernel/clock.ts'
import type { Host } from '../../../host/contract/host.ts'
import { printableName } from '../../../host/printable-name.ts'
import { mayEnter } from '../../../domain/rights.ts'
import type { StreamSession } from '../../../host/contract/stream-session.ts'
import type { SessionRecords } from '../../../observe/session-records.ts'
import { sendSession, session as sessionSchema, type SessionView } from '../../../wire/api/resources.ts'
import type { OpenLobbies } from '../../auth/open-lobbies.ts'
import { idOf, type ApiContext } from '../api-context.ts'
import { ApiError } from '../api-error.ts'
import { emptyEndpoint, jsonEndpoint } from '../endpoint.ts'
import { resource, type ApiResource } from '../resource.ts'
import { sessionView } from '../views.ts'

/** `/sessions`: who is here now. */
export function sessionRoutes(options: {
  host: Host
  records: SessionRecords
  openLobbies: OpenLobbies
  clock: Clock
}): ApiResource[] {
  const { host, records, openLobbies, clock } = options
  const view = (session: StreamSession): SessionView => {
    const presence = records.present(session.id) ?? { startedMs: clock.epochMs(), path: undefined }
    return sessionView(session, host.lobbies, presence)
  }
  const find = (context: ApiContext, what: string): StreamSession => {
    const session = host.sessions.get(idOf(context))
    if (session) return session
    throw new ApiError('session-not-found', `Cannot ${what} the session: there is none with this id`)
  }
  return [
    resource('/sessions', {
      GET: jsonEndpoint({
        id: 'listSessions',
        summary: 'Who is here: on what, by which path, and where',
        action: 'manage-sessions',
        answer: v.array(sessionSchema),
        handle: () => [...host.sessions.values()].map(view),
      }),
    }),
    resource('/sessions/:id', {
      DELETE: emptyEndpoint({
        id: 'endSession',
        summary: "End somebody's session",
        action: 'manage-sessions',
        problems: ['session-not-found'],
        handle: (context) => find(context, 'end').close('stopped'),
      }),
    }),
    resource('/sessions/:id/lobby', {
      POST: jsonEndpoint({
        id: 'sendSession',
        summary:
          'Put a session into a lobby or back into its waiting room; its stream runs on, and its client is told by whom and why',
        action: 'manage-sessions',
        body: sendSession,
        answer: sessionSchema,
        problems: [
          'session-not-found',
          'session-closed',
          'lobby-not-found',
          'lobby-ended',
          'not-admitted',
          'too-many-admissions',
        ],
        handle: async (context, { lobbyId, reason, admit = false }) => {
          const session = find(context, 'send')
          if (lobbyId !== null && !mayEnter(session.member, lobbyId))
            await openLobbies.to(session.member, lobbyId, admit)
          const why = printableName(reason ?? '', '')
          await session.send(lobbyId ?? undefined, {
            by: context.get('member').name,
            ...(why !== '' && { reason: why }),
          })
          return view(session)
        },
      }),
    }),
  ]
}
