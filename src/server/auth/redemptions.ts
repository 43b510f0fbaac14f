import { printableName } from '../../host/printable-name.ts'
import type { Guest, GuestRefusal } from '../../store/guests.ts'
import type { Invitation } from '../../store/invitation.ts'
import type { Store } from '../../store/open-store.ts'
import { isPinOf } from '../../store/pin.ts'
import { maxNameLength } from '../../wire/api/resources.ts'
import { distinctName, looksReserved } from './look-alikes.ts'

/** What became of somebody at the door with a link. */
export type Redemption =
  | { readonly ok: true; readonly guest: Guest; readonly token: string }
  | { readonly ok: false; readonly reason: GuestRefusal | 'pin-required' | 'name-not-allowed' }
  | { readonly ok: false; readonly reason: 'wrong-pin'; readonly triesLeft: number }

/**
 * Turns the token of a link into a token of one's own, with a name that nobody else in the lobby has. A try of a PIN is counted in the store before it is checked, and
 * given back when it was right: however many come at once, no more wrong ones are ever checked than there are tries.
 */
export class Redemptions {
  readonly #store: Pick<Store, 'invitations' | 'guests'>

  constructor(store: Pick<Store, 'invitations' | 'guests'>) {
    this.#store = store
  }

  /** May throw a StoreError. */
  async redeem(
    invitation: Invitation,
    wanted: { readonly claim: string; readonly name: string; readonly pin: string | undefined },
  ): Promise<Redemption> {
    const { id: invitationId, state, hasPin } = invitation
    const { claim, pin } = wanted
    const again = this.#store.guests.again(invitationId, claim)
    if (again) return again
    if (state !== 'open') return { ok: false, reason: state }
    const asked = printableName(wanted.name, 'Guest')
    if (looksReserved(asked)) return { ok: false, reason: 'name-not-allowed' }
    const refusal = hasPin ? await this.#checkPin(invitationId, pin) : undefined
    if (refusal) return refusal
    const taken = this.#store.guests.list().filter(({ invitation: { lobbyId } }) => lobbyId === invitation.lobbyId)
    const name = distinctName(
      asked,
      taken.map((guest) => guest.name),
      maxNameLength,
    )
    return this.#store.guests.redeem({ invitationId, claim, name })
  }

  async #checkPin(invitationId: string, pin: string | undefined): Promise<Redemption | undefined> {
    const { invitations } = this.#store
    if (pin === undefined) return { ok: false, reason: 'pin-required' }
    const hash = invitations.takePinTry(invitationId)
    if (!hash) return { ok: false, reason: 'destroyed' }
    if (await isPinOf(pin, hash)) {
      invitations.giveBackPinTry(invitationId)
      return undefined
    }
    const triesLeft = invitations.get(invitationId)?.pinTriesLeft ?? 0
    return triesLeft === 0 ? { ok: false, reason: 'destroyed' } : { ok: false, reason: 'wrong-pin', triesLeft }
  }
}
