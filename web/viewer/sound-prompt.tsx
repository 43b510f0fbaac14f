import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { Icon } from '../ui/icon.tsx'

/** It lies over the app; the bar offers the same for ever. */
const shownForMs = 30_000

/** Browsers begin without sound; this is the gesture that they wait for. */
export function SoundPrompt({ onChoose }: { onChoose: (on: boolean) => void }) {
  const isOver = useSignal(false)
  useEffect(() => {
    const timer = setTimeout(() => {
      isOver.value = true
    }, shownForMs)
    return () => clearTimeout(timer)
  }, [])
  if (isOver.value) return null
  return (
    <div class="sound-prompt">
      <button type="button" class="button primary" onClick={() => onChoose(true)}>
        <Icon name="volume" />
        Turn sound on
      </button>
      <button
        type="button"
        class="icon-button"
        aria-label="Stay silent"
        title="Stay silent"
        onClick={() => onChoose(false)}
      >
        <Icon name="close" />
      </button>
    </div>
  )
}
