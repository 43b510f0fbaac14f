import type { SessionRecordView } from '../../src/client/index.ts'
import { routeFragment } from '../model/route.ts'
import { describeDuration } from '../ui/describe-duration.ts'
import { describeMoment } from '../ui/describe-moment.ts'
import { describeCause } from './describe-cause.ts'
import { PathShares } from './path-shares.tsx'

/** One stay in one line; the whole line leads to its timeline. */
export function RecordRow({ record }: { record: SessionRecordView }) {
  const { sessionId, name, role, startedAt, endedAt, cause, lobbies, pathsMs, freezes, frozenMs, handshake } = record
  const nowMs = Date.now()
  const end = describeCause(cause)
  const lengthMs = (endedAt === null ? nowMs : Date.parse(endedAt)) - Date.parse(startedAt)
  return (
    <li class="record-row">
      <div class="record-who">
        <h3>
          <a href={routeFragment({ at: 'sessions', sessionId })}>{name}</a>
        </h3>
        <p>{[role, ...lobbies.map(({ title }) => title)].join(' · ')}</p>
      </div>
      <p class="record-when">
        <time dateTime={startedAt} title={new Date(startedAt).toLocaleString()}>
          {describeMoment(startedAt, nowMs)}
        </time>
        <span>{describeDuration(lengthMs)}</span>
      </p>
      <div class="record-quality">
        <PathShares pathsMs={pathsMs} />
        <p>
          {handshake?.ok === false
            ? 'no connection'
            : freezes === 0
              ? 'no freezes'
              : `${freezes} ${freezes === 1 ? 'freeze' : 'freezes'}, ${describeDuration(frozenMs)}`}
        </p>
      </div>
      <span class="badge record-end">
        <span class={`dot ${endedAt === null ? 'green' : end.dot}`} />
        {end.text}
      </span>
    </li>
  )
}
