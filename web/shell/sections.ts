import type { Me } from '../../src/client/index.ts'
import type { Route } from '../model/route.ts'
import type { IconName } from '../ui/icon.tsx'

/** A part of the page that the navigation leads to. */
export interface Section {
  readonly title: string
  readonly icon: IconName
  readonly route: Route
  readonly ownerOnly: boolean
}

const sections: readonly Section[] = [
  { title: 'Lobbies', icon: 'window', route: { at: 'wall' }, ownerOnly: false },
  { title: 'Party', icon: 'share', route: { at: 'party', link: undefined }, ownerOnly: true },
  { title: 'Apps', icon: 'apps', route: { at: 'apps', appId: undefined }, ownerOnly: true },
  { title: 'Sessions', icon: 'people', route: { at: 'sessions', sessionId: undefined }, ownerOnly: true },
  { title: 'Settings', icon: 'sliders', route: { at: 'settings' }, ownerOnly: false },
]

/** The sections that somebody may see. */
export function sectionsFor({ role }: Pick<Me, 'role'>): readonly Section[] {
  return sections.filter(({ ownerOnly }) => !ownerOnly || role === 'owner')
}
