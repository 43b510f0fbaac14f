/** The ground of each theme, for the browser's own bars; as in tokens.css. */
const grounds = { light: '#f8f2e7', dark: '#0d111d' } as const

/** Shows the page light or dark; undefined: as the device is. */
export function applyTheme(theme: 'light' | 'dark' | undefined): void {
  if (theme) document.documentElement.dataset['theme'] = theme
  else delete document.documentElement.dataset['theme']
  for (const meta of document.querySelectorAll<HTMLMetaElement>('meta[name=theme-color]')) {
    meta.content = grounds[theme ?? (meta.media.includes('light') ? 'light' : 'dark')]
  }
}
