import type { SeatsModel } from '../model/seats-model.ts'
import { Icon } from '../ui/icon.tsx'

/** Tells whoever types or clicks without being allowed to why nothing happens, and lets them ask. */
export function WatchBanner({ seats }: { seats: SeatsModel }) {
  if (!seats.watchesInVain.value) return null
  const asks = seats.asks.value
  return (
    <div class="seat-notice" role="status">
      <Icon name="eye" />
      <span>{seats.canAsk.value ? describe(asks) : 'This only shows something: there is nothing to play'}</span>
      {seats.canAsk.value && (
        <button
          type="button"
          class={`button small ${asks ? 'quiet' : 'primary'}`}
          onClick={() => seats.askToPlay(!asks)}
        >
          {asks ? 'Never mind' : 'Ask to play'}
        </button>
      )}
    </div>
  )
}

function describe(asks: boolean): string {
  return asks ? 'You have asked to play. The owner has been told' : 'You may only watch here'
}
