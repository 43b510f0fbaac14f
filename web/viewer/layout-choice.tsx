import type { KeyboardLayoutView } from '../../src/client/index.ts'

interface LayoutChoiceProps {
  readonly layouts: readonly KeyboardLayoutView[]
  readonly layout: string
  /** That of the own keyboard, as far as it has shown. */
  readonly own: string | undefined
  readonly onChange: (layout: string) => void
}

/** Which keyboard the app sees: any that the machine knows, and one click for the own one. */
export function LayoutChoice({ layouts, layout, own, onChange }: LayoutChoiceProps) {
  const known = layouts.some(({ name }) => name === layout) ? layouts : [{ name: layout, title: layout }, ...layouts]
  const sorted = known.toSorted((a, b) => a.title.localeCompare(b.title))
  const suggestion = own === layout ? undefined : layouts.find(({ name }) => name === own)
  return (
    <div class="field">
      <label class="field-label" for="keyboard-layout">
        Keyboard layout of the app
      </label>
      <div class="settings-size">
        <select
          id="keyboard-layout"
          class="select"
          value={layout}
          onChange={(event) => onChange(event.currentTarget.value)}
        >
          {sorted.map(({ name, title }) => (
            <option key={name} value={name}>
              {title}
            </option>
          ))}
        </select>
        {suggestion && (
          <button type="button" class="button" onClick={() => onChange(suggestion.name)}>
            Use mine: {suggestion.title}
          </button>
        )}
      </div>
    </div>
  )
}
