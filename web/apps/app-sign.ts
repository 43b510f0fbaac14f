import type { IconName } from '../ui/icon.tsx'

/** Signs of the apps that come with Porchlight; any other is a window like any other. */
const signs: Readonly<Record<string, IconName>> = {
  browser: 'globe',
  desktop: 'desktop',
  game: 'game',
  terminal: 'terminal',
  'test-pattern': 'pattern',
}

export function appSign(appId: string): IconName {
  return signs[appId] ?? 'window'
}
