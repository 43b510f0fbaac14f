import type { SoftKey, SoftModifier } from '../../src/client/index.ts'
import type { ViewerModel } from '../model/viewer-model.ts'

const keys: readonly { readonly key: SoftKey; readonly label: string; readonly name: string }[] = [
  { key: 'Escape', label: 'Esc', name: 'Escape' },
  { key: 'Tab', label: 'Tab', name: 'Tab' },
]
const arrows: typeof keys = [
  { key: 'ArrowLeft', label: '←', name: 'Left' },
  { key: 'ArrowUp', label: '↑', name: 'Up' },
  { key: 'ArrowDown', label: '↓', name: 'Down' },
  { key: 'ArrowRight', label: '→', name: 'Right' },
]
const rest: typeof keys = [
  { key: 'Home', label: 'Home', name: 'Home' },
  { key: 'End', label: 'End', name: 'End' },
  { key: 'PageUp', label: 'PgUp', name: 'Page up' },
  { key: 'PageDown', label: 'PgDn', name: 'Page down' },
  { key: 'Delete', label: 'Del', name: 'Delete' },
]
const modifiers: readonly { readonly modifier: SoftModifier; readonly label: string }[] = [
  { modifier: 'Control', label: 'Ctrl' },
  { modifier: 'Alt', label: 'Alt' },
]
const rarer: typeof modifiers = [
  { modifier: 'Shift', label: 'Shift' },
  { modifier: 'Meta', label: 'Super' },
]

/** Above the on-screen keyboard: the keys that it lacks. Modifiers wait for the next key. */
export function KeysBar({ model }: { model: ViewerModel }) {
  if (!model.onScreenKeyboard.value) return null
  const { softKeys } = model
  const waiting = model.modifiers.value
  const strike = (key: SoftKey) => {
    softKeys?.down(key)
    softKeys?.up(key)
  }
  const keyButton = ({ key, label, name }: (typeof keys)[number]) => (
    <button key={key} type="button" class="soft-key" aria-label={name} onClick={() => strike(key)}>
      {label}
    </button>
  )
  // Down as long as the finger is: the app's own keyboard repeats.
  const arrowButton = ({ key, label, name }: (typeof keys)[number]) => {
    const up = () => softKeys?.up(key)
    return (
      <button
        key={key}
        type="button"
        class="soft-key held"
        aria-label={name}
        onPointerDown={({ currentTarget, pointerId }) => {
          currentTarget.setPointerCapture(pointerId)
          softKeys?.down(key)
        }}
        onPointerUp={up}
        onPointerCancel={up}
        onClick={({ detail }) => detail === 0 && strike(key)}
      >
        {label}
      </button>
    )
  }
  const modifierButton = ({ modifier, label }: (typeof modifiers)[number]) => (
    <button
      key={modifier}
      type="button"
      class="soft-key"
      aria-pressed={waiting.has(modifier)}
      onClick={() => softKeys?.toggle(modifier)}
    >
      {label}
    </button>
  )
  return (
    // The focus stays in the hidden field, or the on-screen keyboard would go away.
    <div class="keys-bar" role="toolbar" aria-label="More keys" onMouseDown={(event) => event.preventDefault()}>
      {keys.map(keyButton)}
      {modifiers.map(modifierButton)}
      {arrows.map(arrowButton)}
      {rarer.map(modifierButton)}
      {rest.map(keyButton)}
    </div>
  )
}
