import { useSignal } from '@preact/signals'
import type { SessionView } from '../../src/client/index.ts'
import type { HostModel } from '../model/host-model.ts'
import { routeFragment } from '../model/route.ts'
import { describeMoment } from '../ui/describe-moment.ts'
import { Icon } from '../ui/icon.tsx'
import { describePresence } from './describe-presence.ts'
import { SendDialog } from './send-dialog.tsx'

/** The sessions that go on now: who, on what, by which path and where; each with a way to send it elsewhere and to end it. */
export function SessionsNow({ host }: { host: HostModel }) {
  const sent = useSignal<SessionView | undefined>(undefined)
  const sessions = host.sessions.value
  if (!host.loaded.value || sessions.length === 0) return null
  const nowMs = Date.now()
  return (
    <section class="sessions" aria-labelledby="sessions-now">
      <h2 id="sessions-now">Here now</h2>
      <ul class="session-list">
        {sessions.map((session) => {
          const { id, name, role, lobbyId, createdAt } = session
          const lobby = lobbyId === null ? undefined : host.lobby(lobbyId)
          const place = lobbyId === null ? 'in the waiting room' : `in ${lobby?.title ?? 'a lobby'}`
          return (
            <li key={id} class="session-row">
              <span class={`dot ${session.path === null ? 'yellow' : 'green'}`} />
              <div class="session-who">
                <h3>
                  <a href={routeFragment({ at: 'sessions', sessionId: id })}>{name}</a>
                </h3>
                <p>
                  {role} · {place} · came {describeMoment(createdAt, nowMs)}
                </p>
                <p class="session-how">{describePresence(session, lobby)}</p>
              </div>
              <div class="session-actions">
                <button
                  type="button"
                  class="button small"
                  aria-label={`Send ${name} elsewhere`}
                  onClick={() => (sent.value = session)}
                >
                  <Icon name="send" />
                  Send
                </button>
                <button
                  type="button"
                  class="button small danger"
                  aria-label={`End the session of ${name}`}
                  onClick={() => void host.endSession(id)}
                >
                  <Icon name="power" />
                  End
                </button>
              </div>
            </li>
          )
        })}
      </ul>
      {sent.value && <SendDialog host={host} session={sent.value} onClose={() => (sent.value = undefined)} />}
    </section>
  )
}
