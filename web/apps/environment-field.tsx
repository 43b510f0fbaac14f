import { Icon } from '../ui/icon.tsx'
import type { DraftVariable } from './app-draft.ts'

interface EnvironmentFieldProps {
  readonly variables: readonly DraftVariable[]
  /** What is wrong, by name. */
  readonly errorOf: (name: string) => string | undefined
  readonly onChange: (variables: readonly DraftVariable[]) => void
}

/** Variables by name, one a row. */
export function EnvironmentField({ variables, errorOf, onChange }: EnvironmentFieldProps) {
  const change = (index: number, part: Partial<DraftVariable>) =>
    onChange(variables.map((each, at) => (at === index ? { ...each, ...part } : each)))
  return (
    <fieldset class="field environment">
      <legend class="field-label">Environment</legend>
      {variables.map(({ name, value }, index) => {
        const error = errorOf(name)
        const which = name === '' ? `${index + 1}` : name
        return (
          <div key={index} class="environment-row">
            <input
              type="text"
              class="text-input code"
              aria-label={`Name of variable ${index + 1}`}
              aria-invalid={error !== undefined}
              placeholder="NAME"
              autocapitalize="off"
              spellcheck={false}
              value={name}
              onInput={(event) => change(index, { name: event.currentTarget.value })}
            />
            <input
              type="text"
              class="text-input code"
              aria-label={`Value of variable ${which}`}
              placeholder="value"
              autocapitalize="off"
              spellcheck={false}
              value={value}
              onInput={(event) => change(index, { value: event.currentTarget.value })}
            />
            <button
              type="button"
              class="icon-button"
              aria-label={`Remove variable ${which}`}
              onClick={() => onChange(variables.filter((_, at) => at !== index))}
            >
              <Icon name="close" />
            </button>
            {error !== undefined && (
              <p class="field-note wrong" role="alert">
                {error}
              </p>
            )}
          </div>
        )
      })}
      <button type="button" class="button small" onClick={() => onChange([...variables, { name: '', value: '' }])}>
        <Icon name="plus" />
        Add a variable
      </button>
    </fieldset>
  )
}
