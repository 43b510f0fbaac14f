import { useId } from 'preact/hooks'

interface SwitchProps {
  readonly label: string
  /** What it is good for, in a few words. */
  readonly note: string
  readonly on: boolean
  readonly onChange: (on: boolean) => void
}

/** Something that is on or off, at once. */
export function Switch({ label, note, on, onChange }: SwitchProps) {
  const noteId = useId()
  return (
    <label class="switch-field">
      <span>
        {label}
        <small id={noteId}>{note}</small>
      </span>
      <input
        type="checkbox"
        role="switch"
        class="switch"
        aria-label={label}
        aria-describedby={noteId}
        checked={on}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
    </label>
  )
}
