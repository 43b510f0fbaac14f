import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import type { ApiClient, AppView } from '../../src/client/index.ts'
import { AppPicture } from '../apps/app-picture.tsx'
import { Icon } from '../ui/icon.tsx'
import { Remedy } from '../ui/remedy.tsx'

interface AppShelfProps {
  readonly title: string
  readonly apps: readonly AppView[]
  readonly api: ApiClient
  /** Whether starting one is what is to be done here before anything else. */
  readonly isMain: boolean
  /** Resolves when the app is being started, or cannot be. */
  readonly onStart: (appId: string) => Promise<void>
}

/** What can be switched on; what cannot is folded away, with what can be done about it. */
export function AppShelf({ title, apps, api, isMain, onStart }: AppShelfProps) {
  const starting = useSignal<string | undefined>(undefined)
  const start = async (appId: string) => {
    starting.value = appId
    await onStart(appId)
    starting.value = undefined
  }
  const unavailable = apps.filter(({ available }) => !available)
  const shown = unavailable.length === apps.length ? apps : apps.filter(({ available }) => available)
  return (
    <section class="shelf" aria-labelledby="shelf-title">
      <h2 id="shelf-title">{title}</h2>
      <ul class="shelf-list">
        {shown.map((app) => (
          <ShelfApp key={app.id} app={app} api={api}>
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
          </ShelfApp>
        ))}
      </ul>
      {shown !== apps && unavailable.length > 0 && (
        <details class="shelf-more">
          <summary>{unavailable.length === 1 ? 'One more app' : `${unavailable.length} more apps`}</summary>
          <ul class="shelf-list">
            {unavailable.map((app) => (
              <ShelfApp key={app.id} app={app} api={api} />
            ))}
          </ul>
        </details>
      )}
    </section>
  )
}

function ShelfApp({ app, api, children }: { app: AppView; api: ApiClient; children?: ComponentChildren }) {
  return (
    <li class={`shelf-app ${app.available ? '' : 'unavailable'}`}>
      <AppPicture app={app} api={api} />
      <div class="shelf-text">
        <h3>{app.title}</h3>
        {app.unavailableReason !== null && <Remedy text={app.unavailableReason} />}
      </div>
      {children}
    </li>
  )
}
