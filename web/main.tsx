import { effect } from '@preact/signals'
import { render } from 'preact'
import { ownStorage, TokenStore } from '../src/client/index.ts'
import { App } from './app.tsx'
import { PageModel } from './model/page-model.ts'
import { PreferenceStore } from './model/preferences.ts'
import './styles/tokens.css'
import './styles/base.css'
import './styles/controls.css'
import './styles/entry.css'
import './styles/notice.css'
import './styles/shell.css'
import './styles/wall.css'
import './styles/presence.css'
import './styles/sessions.css'
import './styles/stay.css'
import './styles/settings.css'
import './styles/apps.css'
import './styles/lobby-card.css'
import './styles/viewer.css'
import './styles/viewer-panels.css'
import './styles/seats.css'
import './styles/voices.css'
import './styles/viewer-overlays.css'
import './styles/notices.css'
import './styles/chat.css'
import './styles/keys-bar.css'
import './styles/share.css'
import './styles/output.css'
import './styles/party.css'

/** The ground of each theme, for the browser's own bars; as in tokens.css. */
const grounds = { light: '#f8f2e7', dark: '#0d111d' } as const

const browser = ownStorage(() => localStorage)
const page = new PageModel({
  tokens: new TokenStore({ tab: ownStorage(() => sessionStorage), browser }),
  preferences: new PreferenceStore(browser),
})
// A file that is dropped beside what takes it would be opened in place of the page.
for (const name of ['dragover', 'drop'] as const) window.addEventListener(name, (event) => event.preventDefault())
page.open()
effect(() => applyTheme(page.preferences.value.value.theme))
render(<App page={page} />, document.querySelector('#page') as HTMLElement)

/** Shows the page light or dark; undefined: as the device is. */
function applyTheme(theme: 'light' | 'dark' | undefined): void {
  if (theme) document.documentElement.dataset['theme'] = theme
  else delete document.documentElement.dataset['theme']
  for (const meta of document.querySelectorAll<HTMLMetaElement>('meta[name=theme-color]')) {
    meta.content = grounds[theme ?? (meta.media.includes('light') ? 'light' : 'dark')]
  }
}
