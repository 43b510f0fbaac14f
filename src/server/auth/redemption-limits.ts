import type { Clock } from '../../kernel/clock.ts'
import { Attempts } from './attempts.ts'

const windowMs = 60_000
const sources = 4096

/**
 * How often links may be redeemed: limits for an address, behind which many people may be, and for an invitation, which
 * many addresses may try. Wrong PINs have a limit of their own, in the store.
 */
export class RedemptionLimits {
  readonly #byAddress: Attempts
  readonly #byInvitation: Attempts

  constructor(clock: Clock) {
    this.#byAddress = new Attempts(clock, { attempts: 60, windowMs, sources })
    this.#byInvitation = new Attempts(clock, { attempts: 120, windowMs, sources })
  }

  /** Counts a try. Returns how long to wait, in milliseconds, or 0 within the limits. */
  add(address: string, invitationId: string): number {
    return Math.max(this.#byAddress.add(address), this.#byInvitation.add(invitationId))
  }
}
