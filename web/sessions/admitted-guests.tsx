import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { MemberView } from '../../src/client/index.ts'
import type { HostModel } from '../model/host-model.ts'
import { Icon } from '../ui/icon.tsx'

interface AdmittedGuestsProps {
  readonly host: HostModel
  readonly onError: (error: unknown) => void
}

/** Guests to whom lobbies are open beside that of their link, each with a way to close one to them again. Nothing while there is none. */
export function AdmittedGuests({ host, onError }: AdmittedGuestsProps) {
  const { api } = host
  const members = useSignal<readonly MemberView[]>([])
  const load = async () => {
    try {
      members.value = await api.members()
    } catch (error) {
      onError(error)
    }
  }
  const close = async ({ id, lobbyIds }: MemberView, closed: string) => {
    try {
      await api.changeMember(id, { lobbyIds: lobbyIds.filter((lobbyId) => lobbyId !== closed) })
    } catch (error) {
      onError(error)
    }
    await load()
  }
  // Whoever is sent somewhere may have been let in for it.
  useEffect(() => void load(), [host.sessions.value])
  const titleOf = (lobbyId: string) => host.lobby(lobbyId)?.title ?? 'a lobby that has ended'
  const opened = members.value.flatMap((member) =>
    member.lobbyIds.filter((lobbyId) => lobbyId !== member.lobbyId).map((lobbyId) => ({ member, lobbyId })),
  )
  if (opened.length === 0) return null
  return (
    <section class="sessions" aria-labelledby="admitted">
      <h2 id="admitted">Let in beside their link</h2>
      <ul class="session-list">
        {opened.map(({ member, lobbyId }) => {
          const { id, name, role, present } = member
          return (
            <li key={`${id} ${lobbyId}`} class="session-row">
              <span class={`dot ${present ? 'green' : 'gray'}`} />
              <div class="session-who">
                <h3>{name}</h3>
                <p>
                  may also enter {titleOf(lobbyId)}, as {role}
                </p>
                <p class="session-how">came by a link to {titleOf(member.lobbyId)}</p>
              </div>
              <div class="session-actions">
                <button
                  type="button"
                  class="button small danger"
                  aria-label={`Close ${titleOf(lobbyId)} to ${name}`}
                  onClick={() => void close(member, lobbyId)}
                >
                  <Icon name="lock" />
                  Close to them
                </button>
              </div>
            </li>
          )
        })}
      </ul>
    </section>
  )
}
