import type { ViewerModel } from '../model/viewer-model.ts'
import { Icon } from '../ui/icon.tsx'

interface WaitingCaptionProps {
  readonly model: ViewerModel
  readonly onLeave: () => void
  /** Shows what the app has printed; undefined for those who may not see it. */
  readonly onOutput: (() => void) | undefined
}

/** Why the waiting room is shown instead of the app. */
export function WaitingCaption({ model, onLeave, onOutput }: WaitingCaptionProps) {
  const reason = model.waiting.value
  if (reason === undefined || !model.hasPicture.value || model.status.value !== 'connected') return null
  const isGone = model.isGone.value
  const hasEnded = isGone || model.place.value?.lobbyId === undefined
  return (
    <div class="caption" role="status">
      {hasEnded ? <Icon name="power" /> : <span class="spinner" aria-hidden="true" />}
      <span>
        <strong>Waiting room</strong>
        {isGone ? 'This lobby is no longer here' : reason}
      </span>
      {onOutput && (
        <button type="button" class="button small" onClick={onOutput}>
          <Icon name="lines" />
          Output
        </button>
      )}
      {hasEnded && (
        <button type="button" class="button small" onClick={onLeave}>
          Back to the lobbies
        </button>
      )}
    </div>
  )
}
