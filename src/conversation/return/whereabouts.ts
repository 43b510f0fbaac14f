import type { Role } from '../../domain/member.ts'
import { seatIds, type SeatId } from '../../domain/seat.ts'
import type { StreamSession } from '../../host/contract/stream-session.ts'

/** Where a session was and what it had there. */
export interface Whereabouts {
  /** Undefined outside of a lobby. */
  readonly lobbyId: string | undefined
  readonly role: Role
  readonly seats: readonly SeatId[]
}

export function whereaboutsOf(session: StreamSession): Whereabouts {
  return {
    lobbyId: session.place.value.lobbyId,
    role: session.role.value,
    seats: seatIds.filter((seat) => session.holds(seat)),
  }
}

/** Puts a session that came back where it was, and says whether it has all that it had. What cannot be done is given to `refuse`. */
export async function bringBack(
  session: StreamSession,
  before: Whereabouts,
  refuse: (error: unknown) => void,
): Promise<boolean> {
  try {
    if (before.lobbyId !== undefined) await session.join(before.lobbyId)
    return isContinued(before, session)
  } catch (error) {
    refuse(error)
    return false
  }
}

/** Whether a session that came back is where it was, as who it was, with every seat that it had. */
function isContinued(before: Whereabouts, session: StreamSession): boolean {
  const now = whereaboutsOf(session)
  const isThere = now.lobbyId === before.lobbyId && now.role === before.role
  return isThere && before.seats.every((seat) => now.seats.includes(seat))
}
