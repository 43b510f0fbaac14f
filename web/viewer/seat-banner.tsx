import { useSignal } from '@preact/signals'
import type { SeatsModel } from '../model/seats-model.ts'
import { Icon } from '../ui/icon.tsx'

const seat = 'keyboard-mouse'

/** Tells the holder that somebody asks, and whoever types in vain whom to ask. */
export function SeatBanner({ seats, onDone }: { seats: SeatsModel; onDone: () => void }) {
  const notNow = useSignal<ReadonlySet<string>>(new Set())
  const keyboard = seats.keyboard.value
  if (!keyboard || seats.isShared.value) return null
  const owner = seats.me.value?.role === 'owner'
  const asking = seats.player(keyboard.requests.find((id) => !notNow.value.has(id)))
  if (asking && (seats.holds(keyboard) || (owner && keyboard.locked))) {
    const wish = owner
      ? ({ do: 'grant', to: asking.sessionId } as const)
      : ({ do: 'hand-over', to: asking.sessionId } as const)
    return (
      <div class="seat-notice" role="alert">
        <Icon name="hand" />
        <span>
          <strong>{asking.name}</strong> asks for keyboard and mouse
        </span>
        <button
          type="button"
          class="button small primary"
          onClick={() => {
            seats.change(seat, wish)
            onDone()
          }}
        >
          Hand over
        </button>
        <button
          type="button"
          class="button small quiet"
          onClick={() => {
            notNow.value = new Set([...notNow.value, asking.sessionId])
            onDone()
          }}
        >
          Not now
        </button>
      </div>
    )
  }
  const waits = keyboard.requests.includes(seats.ownSessionId.value ?? '')
  if (!seats.inVain.value && !waits) return null
  if (!seats.isTaken.value) return null
  const holder = seats.player(keyboard.holder)
  return (
    <div class="seat-notice" role="status">
      <Icon name={keyboard.locked ? 'lock' : 'keyboard'} />
      <span>
        {holder ? (
          <>
            <strong>{holder.name}</strong> has keyboard and mouse
          </>
        ) : (
          'The owner gives keyboard and mouse away'
        )}
        {waits && '. You have asked'}
      </span>
      <button
        type="button"
        class={`button small ${waits ? 'quiet' : 'primary'}`}
        onClick={() => {
          seats.change(seat, { do: waits ? 'release' : 'request' })
          onDone()
        }}
      >
        {waits ? 'Never mind' : 'Ask for it'}
      </button>
      {owner && (
        <button
          type="button"
          class="button small"
          onClick={() => {
            seats.change(seat, { do: 'take-back' })
            onDone()
          }}
        >
          Take it
        </button>
      )}
    </div>
  )
}
