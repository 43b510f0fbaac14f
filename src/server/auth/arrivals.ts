import type { Clock } from '../../kernel/clock.ts'
import type { Member } from '../../domain/member.ts'
import { Attempts } from './attempts.ts'

const windowMs = 10_000
const sources = 4096
/** Of one member. A client that was cut off comes back a few times a second at most, and not for long. */
const perMember = 30
/** Of all who came by one invitation. */
const perInvitation = 120

/** How often guests may begin a session: each costs the host more than a request. */
export class Arrivals {
  readonly #byMember: Attempts
  readonly #byInvitation: Attempts

  constructor(clock: Clock) {
    this.#byMember = new Attempts(clock, { attempts: perMember, windowMs, sources })
    this.#byInvitation = new Attempts(clock, { attempts: perInvitation, windowMs, sources })
  }

  /** Counts one more. Returns how long to wait, in milliseconds, or 0 within the limits. */
  add({ id, role, invitationId }: Member): number {
    if (role === 'owner') return 0
    const ofInvitation = invitationId === undefined ? 0 : this.#byInvitation.add(invitationId)
    // Whoever comes by a link as it is, is one member with all who do.
    return id === invitationId ? ofInvitation : Math.max(ofInvitation, this.#byMember.add(id))
  }
}
