import { useSignal } from '@preact/signals'
import { Icon } from './icon.tsx'

const copiedForMs = 2000

/** Text that is there to be taken along: a command, a link. */
export function CopyField({ text, label }: { text: string; label: string }) {
  const copied = useSignal(false)
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text)
    } catch {
      // Pages without a secure origin have no clipboard; the text selects itself when it is clicked.
      return
    }
    copied.value = true
    setTimeout(() => {
      copied.value = false
    }, copiedForMs)
  }
  return (
    <div class="copy-field">
      {/* It may be longer than there is room: the keyboard scrolls it. */}
      <code tabIndex={0}>{text}</code>
      <button
        type="button"
        class={`icon-button ${copied.value ? 'copied' : ''}`}
        aria-label={copied.value ? 'Copied' : label}
        title={label}
        onClick={() => void copy()}
      >
        <Icon name={copied.value ? 'check' : 'copy'} />
      </button>
    </div>
  )
}
