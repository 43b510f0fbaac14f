import type { HostModel } from '../model/host-model.ts'
import type { PreferenceStore } from '../model/preferences.ts'
import { SectionHead } from '../shell/section-head.tsx'
import { MissingParts } from '../wall/missing-parts.tsx'
import { HostFacts } from './host-facts.tsx'
import { HostSettings } from './host-settings.tsx'
import { OwnPreferences } from './own-preferences.tsx'
import { SecureHint } from './secure-hint.tsx'

/** Who one is here and how one likes it; for an owner, what the host is. */
export function SettingsPage({ host, preferences }: { host: HostModel; preferences: PreferenceStore }) {
  const { me } = host
  const until = me.expiresAt === null ? '' : `, until ${new Date(me.expiresAt).toLocaleString()}`
  const info = host.info.value
  return (
    <>
      <SectionHead title="Settings" summary={`You are ${me.name}, as ${me.role}${until}.`} />
      <div class="settings-page">
        <OwnPreferences preferences={preferences} />
        <SecureHint secure={host.secure} />
        {info && <HostFacts host={host} info={info} />}
        {host.isOwner && <HostSettings settings={host.settings} />}
      </div>
      {info && <MissingParts host={info} apps={host.apps.value} />}
    </>
  )
}
