import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { ApiError, type SessionTimeline } from '../../src/client/index.ts'
import type { HostModel } from '../model/host-model.ts'
import type { PageModel } from '../model/page-model.ts'
import { routeFragment } from '../model/route.ts'
import { SectionHead } from '../shell/section-head.tsx'
import { Icon } from '../ui/icon.tsx'
import { StayView } from './stay-view.tsx'

/** How often a session that goes on is looked at again. */
const refreshMs = 2000

/** One session from its beginning to its end, stay by stay. */
export function SessionTimelineView({
  page,
  host,
  sessionId,
}: {
  page: PageModel
  host: HostModel
  sessionId: string
}) {
  const timeline = useSignal<SessionTimeline | 'unknown' | undefined>(undefined)
  const isGoing = host.sessions.value.some(({ id }) => id === sessionId)
  useEffect(() => {
    let isWanted = true
    const look = async () => {
      try {
        const found = await host.api.record(sessionId)
        if (isWanted) timeline.value = found
      } catch (error) {
        if (!isWanted) return
        if (error instanceof ApiError && error.status === 404) timeline.value = 'unknown'
        else page.report(error)
      }
    }
    void look()
    const timer = isGoing ? setInterval(() => void look(), refreshMs) : undefined
    return () => {
      isWanted = false
      clearInterval(timer)
    }
  }, [isGoing])
  const found = timeline.value
  const stays = found === 'unknown' || found === undefined ? [] : found.stays
  const name = stays.at(-1)?.name
  return (
    <>
      <a class="back-link" href={routeFragment({ at: 'sessions', sessionId: undefined })}>
        <Icon name="back" />
        All sessions
      </a>
      <SectionHead
        title={found === 'unknown' ? 'Nothing is known of this session' : (name ?? 'One moment')}
        summary={summary(found)}
      >
        {isGoing && (
          <button type="button" class="button danger" onClick={() => void host.endSession(sessionId)}>
            <Icon name="power" />
            End this session
          </button>
        )}
      </SectionHead>
      {stays.toReversed().map((stay) => (
        <StayView key={stay.id} stay={stay} />
      ))}
    </>
  )
}

function summary(found: SessionTimeline | 'unknown' | undefined): string {
  if (found === undefined) return ''
  if (found === 'unknown') return 'It is too long ago, or it never was.'
  const role = found.stays.at(-1)?.role ?? ''
  return found.stays.length === 1
    ? `As ${role}.`
    : `As ${role}; it was lost and resumed: ${found.stays.length} stays, the latest first.`
}
