import type { HouseModel } from '../model/house-model.ts'
import type { PreferenceStore } from '../model/preferences.ts'
import { SectionHead } from '../shell/section-head.tsx'
import { MissingParts } from '../wall/missing-parts.tsx'
import { HostFacts } from './host-facts.tsx'
import { OwnPreferences } from './own-preferences.tsx'
import { SecureHint } from './secure-hint.tsx'

/** Who one is here and how one likes it; for an owner, what the host is. */
export function SettingsPage({ house, preferences }: { house: HouseModel; preferences: PreferenceStore }) {
  const { me } = house
  const until = me.expiresAt === null ? '' : `, until ${new Date(me.expiresAt).toLocaleString()}`
  const host = house.host.value
  return (
    <>
      <SectionHead title="Settings" summary={`You are ${me.name}, as ${me.role}${until}.`} />
      <div class="settings-page">
        <OwnPreferences preferences={preferences} />
        <SecureHint secure={house.secure} />
        {host && <HostFacts house={house} host={host} />}
      </div>
      {host && <MissingParts host={host} apps={house.apps.value} />}
    </>
  )
}
