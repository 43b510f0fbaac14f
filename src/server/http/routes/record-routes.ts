import type { SessionRecords } from '../../../observe/session-records.ts'
import { recordPage, recordQuery, sessionTimeline, type RecordQuery } from '../../../wire/api/resources.ts'
import { idOf } from '../api-context.ts'
import { ApiError } from '../api-error.ts'
import { jsonEndpoint } from '../endpoint.ts'
import { readQuery } from '../read-query.ts'
import { resource, type ApiResource } from '../resource.ts'
import { recordView, stayView } from '../views.ts'

const usualLimit = 50

/** `/records`: what became of everybody. */
export function recordRoutes({ records }: { records: SessionRecords }): ApiResource[] {
  return [
    resource('/records', {
      GET: jsonEndpoint({
        id: 'listRecords',
        summary: 'What became of the sessions, newest first, page by page',
        action: 'manage-sessions',
        query: recordQuery,
        answer: recordPage,
        problems: ['invalid-request'],
        handle: (context) => {
          const { limit, ...filter } = filterOf(readQuery(context, recordQuery))
          // One more than is told says whether there is more.
          const found = records.list({ ...filter, limit: limit + 1 })
          const told = found.slice(0, limit)
          const last = found.length > limit ? told.at(-1) : undefined
          return { records: told.map(recordView), next: last === undefined ? null : String(last.number) }
        },
      }),
    }),
    resource('/records/:id', {
      GET: jsonEndpoint({
        id: 'readRecord',
        summary: 'Everything that was noted of a session, stay by stay',
        action: 'manage-sessions',
        answer: sessionTimeline,
        problems: ['record-not-found'],
        handle: (context) => {
          const sessionId = idOf(context)
          const stays = records.ofSession(sessionId).map(stayView)
          if (stays.length > 0) return { sessionId, stays }
          throw new ApiError('record-not-found', 'Cannot find the session: nothing is known of one with this id')
        },
      }),
    }),
  ]
}

function filterOf({ cursor, limit, lobby, member, cause, since }: RecordQuery) {
  return {
    before: cursor === undefined ? undefined : Number(cursor),
    limit: limit === undefined ? usualLimit : Number(limit),
    lobbyId: lobby,
    memberId: member,
    cause,
    sinceMs: since === undefined ? undefined : Date.parse(since),
  }
}
