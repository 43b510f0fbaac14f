import type { SeatsModel } from '../model/seats-model.ts'
import { Icon } from '../ui/icon.tsx'

/** Says that one may only watch; where there is something to play, also the way to ask for it. */
export function WatchChip({ seats }: { seats: SeatsModel }) {
  if (!seats.canAsk.value) {
    return (
      <span class="chip" title="View only">
        <Icon name="eye" />
        <span class="chip-text">View only</span>
      </span>
    )
  }
  const asks = seats.asks.value
  return (
    <button
      type="button"
      class="button watch-chip"
      data-asks={asks}
      title={asks ? 'The owner has been asked. Click to take it back' : 'Ask the owner to let you play'}
      onClick={() => seats.askToPlay(!asks)}
    >
      <Icon name="eye" />
      <span class="chip-text">View only</span>
      <span class="watch-chip-ask">{asks ? 'Asked' : 'Ask to play'}</span>
    </button>
  )
}
