import type { ViewerModel } from '../model/viewer-model.ts'
import { PlainPage } from '../sign-in/plain-page.tsx'
import { Icon } from '../ui/icon.tsx'

interface StayOverProps {
  readonly model: ViewerModel
  readonly title: string
  readonly onLeave: () => void
}

/** Whether the stay is over for good: nothing of the lobby is to be used any more. */
export function isStayOver({ status, end }: ViewerModel): boolean {
  return status.value === 'failed' && end.value !== undefined
}

/** A page of its own for a stay that goes on elsewhere, or that was ended. */
export function StayOver({ model, title, onLeave }: StayOverProps) {
  const hasMoved = model.end.value === 'moved'
  return (
    <PlainPage title={hasMoved ? 'You go on elsewhere' : 'Your stay was ended'} eyebrow={title}>
      <p>
        {hasMoved
          ? 'It was taken up on another device, and ends here. You can be here as well, in a session of its own.'
          : 'The owner has ended it. The lobby goes on; you can come in again as long as you are invited.'}
      </p>
      <div class="notice-actions">
        <button type="button" class="button" onClick={onLeave}>
          Back to the lobbies
        </button>
        <button type="button" class="button primary" onClick={() => model.tryAgain()}>
          {!hasMoved && <Icon name="refresh" />}
          {hasMoved ? 'Come in here too' : 'Come in again'}
        </button>
      </div>
    </PlainPage>
  )
}
