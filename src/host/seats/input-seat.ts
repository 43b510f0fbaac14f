import type { InputEvent } from '../../domain/input-event.ts'
import type { SeatId } from '../../domain/seat.ts'

/**
 * Which seat an input event needs, and what it is worth when that seat is free: nothing where something only goes up,
 * a motion, or a deed. Undefined for what needs no seat: who lets everything go may do so always.
 */
export interface SeatUse {
  readonly seat: SeatId
  readonly claim: 'none' | 'motion' | 'deed'
}

export function seatUseOf(event: InputEvent): SeatUse | undefined {
  const seat = 'keyboard-mouse'
  switch (event.type) {
    case 'release-all':
      return undefined
    case 'pointer':
    case 'pointer-relative':
      return { seat, claim: 'motion' }
    case 'key':
    case 'button':
      return { seat, claim: event.down ? 'deed' : 'none' }
    case 'text':
    case 'wheel':
      return { seat, claim: 'deed' }
  }
}
