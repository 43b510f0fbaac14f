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

/** What clients move a pointer by themselves when they come, to find out whether it can be moved. */
const openingPx = 3

export function seatUseOf(event: InputEvent): SeatUse | undefined {
  const seat = 'keyboard-mouse'
  switch (event.type) {
    case 'release-all':
      return undefined
    case 'pointer':
      return { seat, claim: 'motion' }
    case 'pointer-relative':
      // A pad of glass, or a mouse that the page has locked: nobody moves these in passing.
      return { seat, claim: Math.hypot(event.dx, event.dy) > openingPx ? 'deed' : 'motion' }
    case 'key':
    case 'button':
      return { seat, claim: event.down ? 'deed' : 'none' }
    case 'text':
    case 'wheel':
      return { seat, claim: 'deed' }
  }
}
