import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { ApiError, type ApiClient, type AppDetails } from '../../src/client/index.ts'
import { SectionHead } from '../shell/section-head.tsx'
import { Icon } from '../ui/icon.tsx'
import { definitionOf, draftOf, emptyDraft, type AppDraft } from './app-draft.ts'
import { AppForm } from './app-form.tsx'

interface AppEditorProps {
  readonly api: ApiClient
  /** The app that is changed or, with `isCopy`, the one that a new one is made of; undefined for a new one. */
  readonly appId: string | undefined
  readonly isCopy: boolean
  readonly onError: (error: unknown) => void
  /** It is kept; `start` says whether it is to be started at once. */
  readonly onSaved: (app: AppDetails, start: boolean) => void
  readonly onClose: () => void
}

/** Describes an app: a new one, a copy of one, or one that is there. */
export function AppEditor({ api, appId, isCopy, onError, onSaved, onClose }: AppEditorProps) {
  const draft = useSignal<AppDraft | undefined>(appId === undefined ? emptyDraft : undefined)
  const before = useSignal<AppDetails | undefined>(undefined)
  const errors = useSignal<ReadonlyMap<string, string>>(new Map())
  const problem = useSignal<string | undefined>(undefined)
  const busy = useSignal(false)
  useEffect(() => {
    if (appId === undefined) return
    const load = async () => {
      const app = await api.app(appId)
      before.value = app
      const read = app.definition ? draftOf(app.definition) : emptyDraft
      draft.value = isCopy ? { ...read, title: `${app.title} 2` } : read
    }
    load().catch((error: unknown) => {
      onError(error)
      onClose()
    })
  }, [appId, isCopy])

  const save = async (start: boolean) => {
    if (!draft.value || busy.value) return
    busy.value = true
    try {
      const definition = definitionOf(draft.value)
      const isNew = appId === undefined || isCopy
      onSaved(isNew ? await api.createApp({ definition }) : await api.putApp(appId, definition), start)
    } catch (error) {
      errors.value = placesOf(error)
      problem.value = errors.value.size === 0 ? undefined : 'Not kept yet: see what is marked.'
      if (errors.value.size === 0) onError(error)
    } finally {
      busy.value = false
    }
  }

  const title = appId === undefined ? 'A new app' : isCopy ? 'A copy' : (before.value?.title ?? 'An app')
  return (
    <form
      class="app-editor"
      onSubmit={(event) => {
        event.preventDefault()
        void save(false)
      }}
    >
      <SectionHead title={title} summary="Lobbies that run now keep the app that they were started with." />
      {draft.value && (
        <div class="settings-page">
          <AppForm
            draft={draft.value}
            errors={errors.value}
            onChange={(change) => (draft.value = { ...(draft.value ?? emptyDraft), ...change })}
          />
        </div>
      )}
      <div class="editor-bar">
        <p role="status">{problem.value}</p>
        <button type="button" class="button quiet" onClick={onClose}>
          Cancel
        </button>
        <button type="button" class="button" disabled={busy.value} onClick={() => void save(true)}>
          <Icon name="play" />
          Save and try
        </button>
        <button type="submit" class="button primary" disabled={busy.value}>
          Save
        </button>
      </div>
    </form>
  )
}

/** What is wrong, by the keys that lead there: `/definition/environment/LANG` is `environment/LANG`. */
function placesOf(error: unknown): ReadonlyMap<string, string> {
  if (!(error instanceof ApiError)) return new Map()
  return new Map(
    error.errors.map(({ pointer, detail }) => {
      const keys = pointer.split('/').slice(2)
      const path = keys.map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~')).join('/')
      return [path, `${detail.charAt(0).toUpperCase()}${detail.slice(1)}.`] as const
    }),
  )
}
