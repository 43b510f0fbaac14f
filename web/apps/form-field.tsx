import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'

interface FieldProps {
  readonly label: string
  /** What is expected, in a few words. */
  readonly note?: ComponentChildren
  /** What the host found wrong. */
  readonly error?: string | undefined
}

interface TextFieldProps extends FieldProps {
  readonly value: string
  readonly placeholder?: string
  readonly isCode?: boolean
  readonly rows?: number
  readonly onInput: (value: string) => void
}

/** One line, or several, of text with what is wrong with it below. */
export function TextField({ label, note, error, value, placeholder, isCode, rows, onInput }: TextFieldProps) {
  const id = useId()
  const input = {
    id,
    class: `text-input ${isCode ? 'code' : ''}`,
    value,
    ...(placeholder !== undefined && { placeholder }),
    autocomplete: 'off',
    autocapitalize: 'off' as const,
    spellcheck: !isCode,
    'aria-invalid': error !== undefined,
    'aria-describedby': `${id}-note`,
    onInput: (event: { currentTarget: { value: string } }) => onInput(event.currentTarget.value),
  }
  return (
    <div class="field">
      <label class="field-label" for={id}>
        {label}
      </label>
      {rows === undefined ? <input type="text" {...input} /> : <textarea rows={rows} {...input} />}
      <FieldNote id={`${id}-note`} note={note} error={error} />
    </div>
  )
}

interface SelectFieldProps<Value extends string> extends FieldProps {
  readonly value: Value
  readonly options: readonly { readonly value: Value; readonly label: string }[]
  readonly onChange: (value: Value) => void
}

/** A choice of some. */
export function SelectField<Value extends string>(props: SelectFieldProps<Value>) {
  const { label, note, error, value, options, onChange } = props
  const id = useId()
  return (
    <div class="field">
      <label class="field-label" for={id}>
        {label}
      </label>
      <select
        id={id}
        class="select"
        aria-describedby={`${id}-note`}
        onChange={(event) => {
          const chosen = options[event.currentTarget.selectedIndex]
          if (chosen) onChange(chosen.value)
        }}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value} selected={option.value === value}>
            {option.label}
          </option>
        ))}
      </select>
      <FieldNote id={`${id}-note`} note={note} error={error} />
    </div>
  )
}

/** What is wrong, or else what is expected. */
export function FieldNote({ id, note, error }: Pick<FieldProps, 'note' | 'error'> & { id: string }) {
  return (
    <p
      id={id}
      class={`field-note ${error === undefined ? '' : 'wrong'}`}
      role={error === undefined ? undefined : 'alert'}
    >
      {error ?? note}
    </p>
  )
}
