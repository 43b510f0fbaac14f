import { signal, type Signal } from '@preact/signals'
import {
  ApiError,
  messageOf,
  newClaim,
  type ApiClient,
  type GuestBook,
  type OfferedInvitation,
} from '../../src/client/index.ts'
import type { PreferenceStore } from './preferences.ts'

/** Why a link lets somebody in no more: its state, or that they were shown out. */
export type Closed = Exclude<OfferedInvitation['state'], 'open'> | 'removed'

const closedBy: Readonly<Record<string, Closed>> = {
  'invitation-used-up': 'used-up',
  'invitation-destroyed': 'destroyed',
  'invitation-expired': 'expired',
  'invitation-revoked': 'revoked',
  'member-removed': 'removed',
}

interface EntryOptions {
  /** Its token is that of the link. */
  readonly api: ApiClient
  readonly offer: OfferedInvitation
  readonly guests: GuestBook
  readonly preferences: PreferenceStore
  /** They are in, with a token of their own. */
  readonly onIn: (token: string) => void
  /** They go on as who they are here without the link; undefined for who is nobody then. */
  readonly onAway: (() => void) | undefined
}

/** Somebody on the doorstep: what the link offers, what they are asked, and what came of it. */
export class EntryModel {
  readonly offer: Signal<OfferedInvitation>
  readonly closed: Signal<Closed | undefined>
  readonly name: Signal<string>
  readonly pin = signal('')
  readonly busy = signal(false)
  /** Why it did not work just now. */
  readonly problem = signal<{ readonly about: 'pin' | 'rest'; readonly text: string } | undefined>(undefined)
  readonly #options: EntryOptions

  constructor(options: EntryOptions) {
    const { offer, guests, preferences } = options
    this.#options = options
    this.offer = signal(offer)
    // Who came by it before, comes in again, also when it is used up.
    const isKnown = guests.get(offer.id) !== undefined && ['used-up', 'destroyed'].includes(offer.state)
    this.closed = signal(offer.state === 'open' || isKnown ? undefined : offer.state)
    this.name = signal(preferences.value.value.name ?? friendlyName(Math.random))
  }

  get onAway(): (() => void) | undefined {
    return this.#options.onAway
  }

  async comeIn(): Promise<void> {
    const { api, guests, preferences, onIn } = this.#options
    const { id: invitationId, lobbyId, needsPin } = this.offer.value
    const name = this.name.value.trim() || friendlyName(Math.random)
    const claim = guests.get(invitationId)?.claim ?? newClaim()
    // Written down first: a page that is loaded again in the middle takes no other use.
    guests.put({ invitationId, lobbyId, claim, token: undefined })
    this.busy.value = true
    this.problem.value = undefined
    try {
      const redeemed = await api.redeemInvitation({ claim, name, ...(needsPin && { pin: this.pin.value }) })
      guests.put({ invitationId, lobbyId, claim, token: redeemed.token })
      preferences.change({ name })
      onIn(redeemed.token)
    } catch (error) {
      await this.#hear(error)
    } finally {
      this.busy.value = false
    }
  }

  async #hear(failure: unknown): Promise<void> {
    if (!(failure instanceof ApiError)) throw failure
    this.closed.value = closedBy[failure.code]
    if (this.closed.value) return
    if (failure.code === 'wrong-pin' || failure.code === 'pin-required') {
      this.pin.value = ''
      this.problem.value = { about: 'pin', text: 'That PIN is wrong.' }
      // How many tries are left; without an answer it stays as it was.
      this.offer.value = await this.#options.api.offeredInvitation().catch(() => this.offer.value)
      return
    }
    const text = failure.code === 'unreachable' ? 'The host cannot be reached. Try again.' : messageOf(failure)
    this.problem.value = { about: 'rest', text }
  }
}

const kinds = [
  'Amber',
  'Bright',
  'Calm',
  'Dusky',
  'Early',
  'Gentle',
  'Late',
  'Merry',
  'Quiet',
  'Sunny',
  'Swift',
  'Warm',
]
const animals = ['Badger', 'Crane', 'Deer', 'Finch', 'Fox', 'Hare', 'Heron', 'Lynx', 'Moth', 'Otter', 'Owl', 'Wren']

/** A name for somebody who has not given one: two guests who leave it at that can still be told apart. */
function friendlyName(random: () => number): string {
  const pick = (words: readonly string[]) => words[Math.floor(random() * words.length)] ?? ''
  return `${pick(kinds)} ${pick(animals)}`
}
