import type { LobbyView } from '../../src/client/index.ts'
import { Icon, type IconName } from '../ui/icon.tsx'

/** Signs of the apps that come with Porchlight; any other is a window like any other. */
const signs: Readonly<Record<string, IconName>> = {
  desktop: 'desktop',
  terminal: 'terminal',
  'test-pattern': 'pattern',
}

/** A lobby as what it is: a window of the house, lit as long as the app runs. */
export function LobbyWindow({ appId, status, people }: { appId: string; status: LobbyView['status']; people: number }) {
  return (
    <div class="house" data-status={status} data-people={people > 0 ? 'some' : 'none'} aria-hidden="true">
      <div class="house-window">
        <Icon name={appSign(appId)} />
      </div>
    </div>
  )
}

export function appSign(appId: string): IconName {
  return signs[appId] ?? 'window'
}
