import { useSignal } from '@preact/signals'
import { useId, useRef } from 'preact/hooks'
import { FieldNote } from './form-field.tsx'

interface IconFieldProps {
  readonly value: string
  readonly error: string | undefined
  readonly onChange: (value: string) => void
}

const maxBytes = 96 * 1024

/** The icon of an app: a name or a file on the host, or a picture from here. */
export function IconField({ value, error, onChange }: IconFieldProps) {
  const id = useId()
  const file = useRef<HTMLInputElement>(null)
  const problem = useSignal<string | undefined>(undefined)
  const isPicture = value.startsWith('data:')
  const read = async (chosen: File | undefined) => {
    if (!chosen) return
    problem.value =
      chosen.size > maxBytes ? `It has ${Math.ceil(chosen.size / 1024)} kB, and 96 kB is the limit` : undefined
    if (problem.value === undefined) onChange(await textOf(chosen))
  }
  return (
    <div class="field">
      <label class="field-label" for={id}>
        Icon
      </label>
      <div class="icon-field">
        {isPicture ? (
          <>
            <img class="icon-preview" src={value} alt="The picture of the app" />
            <button id={id} type="button" class="button" onClick={() => onChange('')}>
              Take it away
            </button>
          </>
        ) : (
          <input
            id={id}
            type="text"
            class="text-input code"
            value={value}
            placeholder="of its program"
            autocapitalize="off"
            spellcheck={false}
            aria-invalid={error !== undefined}
            aria-describedby={`${id}-note`}
            onInput={(event) => onChange(event.currentTarget.value)}
          />
        )}
        <button type="button" class="button" onClick={() => file.current?.click()}>
          Choose a picture
        </button>
        <input
          ref={file}
          type="file"
          hidden
          accept="image/png,image/jpeg,image/webp,image/svg+xml"
          aria-label="A picture for the app"
          onChange={(event) => void read(event.currentTarget.files?.[0])}
        />
      </div>
      <FieldNote
        id={`${id}-note`}
        error={problem.value ?? error}
        note="The name of an icon on the host, such as firefox, a path there, or a picture from here."
      />
    </div>
  )
}

/** A file as a `data:` address. */
function textOf(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.addEventListener('load', () => resolve(typeof reader.result === 'string' ? reader.result : ''))
    reader.addEventListener('error', () => reject(reader.error ?? new Error('The file cannot be read')))
    reader.readAsDataURL(file)
  })
}
