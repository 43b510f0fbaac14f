import type { HostModel } from '../model/host-model.ts'
import { Icon } from './icon.tsx'

/** The owner answers them one after the other. */
const shown = 2

/** Who asks to play, told to the owner wherever they are; `lobbyId`: where that needs no name. */
export function AskBanners({ host, lobbyId }: { host: HostModel; lobbyId?: string }) {
  const asking = host.askers.value
  return (
    <>
      {asking.slice(0, shown).map(({ lobby, asker: { memberId, name } }) => (
        <div key={`${lobby.id} ${memberId}`} class="seat-notice" role="alert">
          <Icon name="hand" />
          <span>
            <strong>{name}</strong> asks to play
            {lobby.id !== lobbyId && (
              <>
                {' '}
                in <strong>{lobby.title}</strong>
              </>
            )}
          </span>
          <span class="seat-notice-answers">
            <button type="button" class="button small primary" onClick={() => void host.letPlay(memberId)}>
              Let play
            </button>
            <button type="button" class="button small quiet" onClick={() => void host.declineAsker(lobby.id, memberId)}>
              Not now
            </button>
          </span>
        </div>
      ))}
    </>
  )
}
