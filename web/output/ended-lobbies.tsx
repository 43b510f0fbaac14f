import { useSignal } from '@preact/signals'
import type { EndedLobbyView } from '../../src/client/index.ts'
import { Icon } from '../ui/icon.tsx'

interface EndedLobbiesProps {
  /** Newest first. */
  readonly lobbies: readonly EndedLobbyView[]
  readonly onOutput: (lobby: EndedLobbyView) => void
}

const fewLobbies = 3

/** What ran here lately, and why it does not any more. */
export function EndedLobbies({ lobbies, onOutput }: EndedLobbiesProps) {
  const showsAll = useSignal(false)
  if (lobbies.length === 0) return null
  const shown = showsAll.value ? lobbies : lobbies.slice(0, fewLobbies)
  return (
    <section class="ended" aria-labelledby="ended-title">
      <h2 id="ended-title">Ended lately</h2>
      <ul>
        {shown.map((lobby) => (
          <li key={lobby.id}>
            <Icon name="power" />
            <div class="ended-text">
              <h3>{lobby.title}</h3>
              <p>
                <time dateTime={lobby.endedAt}>{timeOf(lobby.endedAt)}</time> · {lobby.reason}
              </p>
            </div>
            <button
              type="button"
              class="button small"
              aria-label={`Output of ${lobby.title}`}
              onClick={() => onOutput(lobby)}
            >
              <Icon name="lines" />
              Output
            </button>
          </li>
        ))}
      </ul>
      {lobbies.length > shown.length && (
        <button type="button" class="button small" onClick={() => (showsAll.value = true)}>
          Show all {lobbies.length}
        </button>
      )}
    </section>
  )
}

function timeOf(at: string): string {
  return new Date(at).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' })
}
