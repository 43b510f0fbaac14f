import { useEffect } from 'preact/hooks'
import type { ClipboardModel } from '../model/clipboard-model.ts'
import { Icon } from '../ui/icon.tsx'

const shownForMs = 20_000

/** What the app copied, when the browser wants a click before it takes it. */
export function CopyPrompt({ clipboard }: { clipboard: ClipboardModel }) {
  const text = clipboard.offered.value
  useEffect(() => {
    if (text === undefined) return undefined
    const timer = setTimeout(() => clipboard.dismiss(), shownForMs)
    return () => clearTimeout(timer)
  }, [text])
  if (text === undefined) return null
  return (
    <div class="sound-prompt copy-prompt" role="status">
      <button type="button" class="button primary" onClick={() => void clipboard.take()}>
        <Icon name="copy" />
        Copy what the app copied
      </button>
      <button
        type="button"
        class="icon-button"
        aria-label="Do not copy"
        title="Do not copy"
        onClick={() => clipboard.dismiss()}
      >
        <Icon name="close" />
      </button>
    </div>
  )
}
