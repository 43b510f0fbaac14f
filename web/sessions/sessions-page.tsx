import type { HostModel } from '../model/host-model.ts'
import type { PageModel } from '../model/page-model.ts'
import { SectionHead } from '../shell/section-head.tsx'
import { AdmittedGuests } from './admitted-guests.tsx'
import { DeviceList } from './device-list.tsx'
import { RecordList } from './record-list.tsx'
import { SessionTimelineView } from './session-timeline-view.tsx'
import { SessionsNow } from './sessions-now.tsx'

/** Who is here and who was; or everything about one session. */
export function SessionsPage({ page, host }: { page: PageModel; host: HostModel }) {
  const route = page.route.value
  const sessionId = route.at === 'sessions' ? route.sessionId : undefined
  if (sessionId !== undefined)
    return <SessionTimelineView key={sessionId} page={page} host={host} sessionId={sessionId} />
  const count = host.sessions.value.length
  const here = count === 0 ? 'Nobody is here' : count === 1 ? 'One person is here' : `${count} people are here`
  return (
    <>
      <SectionHead title="Sessions" summary={`${here} now.`} />
      <SessionsNow host={host} />
      <AdmittedGuests host={host} onError={page.report} />
      <DeviceList host={host} onError={page.report} />
      <RecordList page={page} host={host} />
    </>
  )
}
