import type { SessionStay } from '../../src/client/index.ts'
import { describeDuration } from '../ui/describe-duration.ts'
import { describeCause } from './describe-cause.ts'
import { describeEntry } from './describe-entry.ts'

/** Everything that was noted, in words. */
export function StayEvents({ stay }: { stay: SessionStay }) {
  const { lobbies, entries, entriesDropped, startedAt, endedAt, cause } = stay
  const startMs = Date.parse(startedAt)
  const sinceStart = (iso: string) => describeDuration(Date.parse(iso) - startMs)
  return (
    <details class="stay-events">
      <summary>
        {entries.length} {entries.length === 1 ? 'event' : 'events'}
        {entriesDropped > 0 && `, and ${entriesDropped} more that were not kept`}
      </summary>
      <ol>
        {entries.map((entry, index) => (
          <li key={index}>
            <time dateTime={entry.at}>{sinceStart(entry.at)}</time>
            <span>{describeEntry(entry, lobbies)}</span>
          </li>
        ))}
        {endedAt !== null && (
          <li>
            <time dateTime={endedAt}>{sinceStart(endedAt)}</time>
            <span>The end: {describeCause(cause).text}</span>
          </li>
        )}
      </ol>
    </details>
  )
}
