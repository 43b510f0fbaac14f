import { useEffect, useId } from 'preact/hooks'
import type { SettingView } from '../../src/client/index.ts'
import type { SettingsModel } from '../model/settings-model.ts'
import { Icon } from '../ui/icon.tsx'

/** How the host runs, setting by setting, with where each value comes from; for its owner. */
export function HostSettings({ settings }: { settings: SettingsModel }) {
  useEffect(() => void settings.load(), [])
  const all = settings.all.value.filter(({ name }) => name !== 'data')
  if (all.length === 0) return null
  return (
    <section class="settings-card wide" aria-labelledby="runs-title">
      <h2 id="runs-title">How it runs</h2>
      <p>Kept by the host for its next start, some at once. What it was started with by a flag or a variable wins.</p>
      <ul class="settings-list">
        {all.map((setting) => (
          <SettingRow key={setting.name} setting={setting} settings={settings} />
        ))}
      </ul>
    </section>
  )
}

interface RowProps {
  readonly setting: SettingView
  readonly settings: SettingsModel
}

function SettingRow({ setting, settings }: RowProps) {
  const { name, help, isKept } = setting
  const refusal = settings.refusal.value
  const noteId = useId()
  return (
    <li>
      <div>
        <strong>{name}</strong>
        <small id={noteId}>
          {help}. {standingOf(setting)}
        </small>
      </div>
      <div class="settings-control">
        <SettingControl setting={setting} settings={settings} noteId={noteId} />
        {isKept && (
          <button
            type="button"
            class="button quiet small"
            aria-label={`Forget ${name}`}
            onClick={() => void settings.change(name, null)}
          >
            Forget
          </button>
        )}
      </div>
      {refusal?.name === name && (
        <p class="network-refusal" role="alert">
          <Icon name="warning" />
          <span>{refusal.why}</span>
        </p>
      )}
    </li>
  )
}

/** What is chosen for the next start where that is another one, otherwise what is in use. */
function SettingControl({ setting, settings, noteId }: RowProps & { noteId: string }) {
  const { name, kind, choices, example, secret, source } = setting
  const chosen = textOf(setting.isKept ? setting.kept : source === 'default' ? null : setting.value)
  const common = {
    'aria-label': name,
    'aria-describedby': noteId,
    disabled: secret || source === 'flag' || source === 'variable',
  }
  if (kind === 'switch' || kind === 'choice') {
    const options = kind === 'switch' ? ['true', 'false'] : choices
    return (
      <select
        {...common}
        class="select"
        value={chosen}
        onChange={({ currentTarget: { value } }) => void settings.change(name, value === '' ? null : value)}
      >
        <option value="">{`${setting.usual} (usual)`}</option>
        {options.map((value) => (
          <option key={value} value={value}>
            {kind === 'switch' ? (value === 'true' ? 'on' : 'off') : value}
          </option>
        ))}
      </select>
    )
  }
  return (
    <input
      {...common}
      class="text-input"
      type="text"
      value={chosen}
      placeholder={secret ? (setting.isKept ? 'is set' : 'by the command line') : `${setting.usual}; or ${example}`}
      onChange={({ currentTarget: { value } }) => {
        const said = value.trim()
        const values = said.split(/[\s,]+/)
        void settings.change(name, said === '' ? null : kind === 'list' ? values : said)
      }}
    />
  )
}

function standingOf({ source, waits, unusable, value, secret, usual, applies, name }: SettingView): string {
  if (unusable !== null) return unusable
  if (source === 'flag') return `Given at the start by --${name}.`
  if (source === 'variable') return 'Given at the start by a variable.'
  if (waits) return `From the next start on; until then ${secret || value === null ? usual : textOf(value)}.`
  return applies === 'at-once' ? 'Counts at once.' : ''
}

function textOf(value: SettingView['value']): string {
  return value === null ? '' : Array.isArray(value) ? value.map(String).join(', ') : String(value)
}
