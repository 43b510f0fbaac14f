import type { PreferenceStore } from '../model/preferences.ts'
import { Segments } from '../ui/segments.tsx'
import { Switch } from '../ui/switch.tsx'

const themes = [
  { value: 'system', label: 'As the device' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
] as const

/** What this browser remembers of its user's taste. */
export function OwnPreferences({ preferences }: { preferences: PreferenceStore }) {
  const { theme, thumbnails, stats, sound, clipboard } = preferences.value.value
  return (
    <section class="settings-card" aria-labelledby="own-title">
      <h2 id="own-title">In this browser</h2>
      <Segments
        label="Light or dark"
        value={theme ?? 'system'}
        options={themes}
        onChange={(value) => preferences.change({ theme: value === 'system' ? undefined : value })}
      />
      <Switch
        label="Pictures of the lobbies"
        note="What goes on in them, on the wall, every few seconds."
        on={thumbnails}
        onChange={(on) => preferences.change({ thumbnails: on })}
      />
      <Switch
        label="Sound"
        note="Of the app that you are in."
        on={sound === true}
        onChange={(on) => preferences.change({ sound: on })}
      />
      <Switch
        label="Statistics"
        note="Over the picture: rate, latency, losses."
        on={stats}
        onChange={(on) => preferences.change({ stats: on })}
      />
      <Switch
        label="Copy and paste"
        note="Between this device and the app."
        on={clipboard}
        onChange={(on) => preferences.change({ clipboard: on })}
      />
    </section>
  )
}
