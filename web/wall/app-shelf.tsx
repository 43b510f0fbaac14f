import { useSignal } from '@preact/signals'
import type { AppView } from '../../src/client/index.ts'
import { Icon } from '../ui/icon.tsx'
import { appSign } from './lobby-window.tsx'
import { Remedy } from './remedy.tsx'

interface AppShelfProps {
  readonly title: string
  readonly apps: readonly AppView[]
  /** Whether starting one is what is to be done here before anything else. */
  readonly isMain: boolean
  /** Resolves when the app is being started, or cannot be. */
  readonly onStart: (appId: string) => Promise<void>
}

/** What can be switched on, and why something cannot. */
export function AppShelf({ title, apps, isMain, onStart }: AppShelfProps) {
  const starting = useSignal<string | undefined>(undefined)
  const start = async (appId: string) => {
    starting.value = appId
    await onStart(appId)
    starting.value = undefined
  }
  return (
    <section class="shelf" aria-labelledby="shelf-title">
      <h2 id="shelf-title">{title}</h2>
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
                class={`button ${isMain ? 'primary' : ''}`}
                disabled={starting.value !== undefined}
                aria-label={`Start ${app.title}`}
                onClick={() => void start(app.id)}
              >
                {starting.value === app.id ? <span class="spinner" aria-hidden="true" /> : <Icon name="plus" />}
                Start
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}
