import { Icon } from '../ui/icon.tsx'

/** Browsers begin without sound; this is the gesture that they wait for. */
export function SoundPrompt({ onChoose }: { onChoose: (on: boolean) => void }) {
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
