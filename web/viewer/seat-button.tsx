import type { SeatsModel } from '../model/seats-model.ts'
import { Icon } from '../ui/icon.tsx'

interface SeatButtonProps {
  readonly seats: SeatsModel
  readonly expanded: boolean
  readonly onClick: () => void
}

/** Who has keyboard and mouse, at a glance; nothing as long as one plays alone. */
export function SeatButton({ seats, expanded, onClick }: SeatButtonProps) {
  const keyboard = seats.keyboard.value
  const players = seats.seats.value?.players ?? []
  if (!keyboard || (players.length < 2 && !keyboard.locked && !seats.isTaken.value && !expanded)) return null
  const isMine = seats.holds(keyboard)
  const holder = seats.isShared.value ? 'Everybody' : isMine ? 'You' : (seats.player(keyboard.holder)?.name ?? 'Nobody')
  return (
    <button
      type="button"
      class="button seat-button"
      data-mine={isMine}
      aria-label={`Keyboard and mouse: ${holder}${keyboard.locked ? ', locked' : ''}`}
      title="Keyboard and mouse"
      aria-expanded={expanded}
      onClick={onClick}
    >
      <Icon name={keyboard.locked ? 'lock' : 'keyboard'} />
      <span class="seat-holder">{holder}</span>
    </button>
  )
}
