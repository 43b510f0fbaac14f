import type { AppView } from '../../src/client/index.ts'
import { Icon } from '../ui/icon.tsx'
import { appSign } from './lobby-window.tsx'
import { Remedy } from './remedy.tsx'

interface AppShelfProps {
  readonly apps: readonly AppView[]
  /** The app that is being started now. */
  readonly starting: string | undefined
  readonly isFirst: boolean
  readonly onStart: (appId: string) => void
}

/** What can be switched on, and why something cannot. */
export function AppShelf({ apps, starting, isFirst, onStart }: AppShelfProps) {
  return (
    <section class="shelf" aria-labelledby="shelf-title">
      <h2 id="shelf-title">{isFirst ? 'Switch something on' : 'Switch on another'}</h2>
      <ul class="shelf-list">
        {apps.map((app) => (
          <li key={app.id} class={`shelf-app ${app.available ? '' : 'unavailable'}`}>
            <span class="shelf-sign">
              <Icon name={appSign(app.id)} />
            </span>
            <div class="shelf-text">
              <h3>{app.title}</h3>
              {app.unavailableReason !== null && <Remedy text={app.unavailableReason} />}
            </div>
            {app.available && (
              <button
                type="button"
                class={`button ${isFirst ? 'primary' : ''}`}
                disabled={starting !== undefined}
                aria-label={`Start ${app.title}`}
                onClick={() => onStart(app.id)}
              >
                {starting === app.id ? <span class="spinner" aria-hidden="true" /> : <Icon name="plus" />}
                Start
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}
