import { routeFragment } from '../model/route.ts'
import { describeMoment } from '../ui/describe-moment.ts'
import { Icon } from '../ui/icon.tsx'
import type { HouseModel } from '../model/house-model.ts'

/** The sessions that go on now, each with a way to end it. */
export function SessionsNow({ house }: { house: HouseModel }) {
  const sessions = house.sessions.value
  if (!house.loaded.value || sessions.length === 0) return null
  const nowMs = Date.now()
  return (
    <section class="sessions" aria-labelledby="sessions-now">
      <h2 id="sessions-now">Here now</h2>
      <ul class="session-list">
        {sessions.map(({ id, name, role, lobbyId, createdAt }) => (
          <li key={id} class="session-row">
            <span class="dot green" />
            <div class="session-who">
              <h3>
                <a href={routeFragment({ at: 'sessions', sessionId: id })}>{name}</a>
              </h3>
              <p>
                {role} · {lobbyId === null ? 'in the waiting room' : `in ${house.lobby(lobbyId)?.title ?? 'a lobby'}`} ·
                came {describeMoment(createdAt, nowMs)}
              </p>
            </div>
            <button
              type="button"
              class="button small danger"
              aria-label={`End the session of ${name}`}
              onClick={() => void house.endSession(id)}
            >
              <Icon name="power" />
              End
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}
