import type { HostModel } from '../model/host-model.ts'
import type { PageModel } from '../model/page-model.ts'
import { SectionHead } from '../shell/section-head.tsx'
import { Icon } from '../ui/icon.tsx'
import { AppEditor } from './app-editor.tsx'
import { AppFile } from './app-file.tsx'
import { AppRow } from './app-row.tsx'

/** Stands before the id of the app that a new one is a copy of, and alone for a new one: no id begins with it. */
const newMark = '+'

/** Every app of the host, and why one of them cannot run; or one of them, while it is described. */
export function AppsPage({ page, host }: { page: PageModel; host: HostModel }) {
  const route = page.route.value
  const edited = route.at === 'apps' ? route.appId : undefined
  const open = (appId: string | undefined) => page.go({ at: 'apps', appId })
  const remove = async (appId: string) => {
    try {
      await host.api.deleteApp(appId)
    } catch (error) {
      page.report(error)
    }
  }
  if (edited !== undefined) {
    const isCopy = edited.startsWith(newMark) && edited !== newMark
    return (
      <AppEditor
        key={edited}
        api={host.api}
        appId={edited.replace(/^\+/, '') || undefined}
        isCopy={isCopy}
        onError={page.report}
        onSaved={(app, start) => {
          open(undefined)
          if (start) void page.startApp(host, app.id)
        }}
        onClose={() => open(undefined)}
      />
    )
  }
  return (
    <>
      <SectionHead title="Apps" summary="What can be started here. Each start is a lobby of its own.">
        <div class="section-actions">
          <AppFile api={host.api} onError={page.report} onDone={(said) => page.toasts.show(said, 'success')} />
          <button type="button" class="button primary" onClick={() => open(newMark)}>
            <Icon name="plus" />
            New app
          </button>
        </div>
      </SectionHead>
      {host.loaded.value && (
        <ul class="app-list">
          {host.apps.value.map((app) => (
            <AppRow
              key={app.id}
              app={app}
              api={host.api}
              lobbies={host.lobbies.value.filter(({ appId }) => appId === app.id).length}
              onStart={() => void page.startApp(host, app.id)}
              onEdit={() => open(app.id)}
              onDuplicate={() => open(`${newMark}${app.id}`)}
              onRemove={() => void remove(app.id)}
            />
          ))}
        </ul>
      )}
    </>
  )
}
