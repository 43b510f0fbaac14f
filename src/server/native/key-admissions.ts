import { createHmac, randomBytes } from 'node:crypto'
import type { Member } from '../../domain/member.ts'
import type { Introduced, Introduction, KeyDoor } from '../../gateway/native/contract/key-door.ts'
import type { Clock } from '../../kernel/clock.ts'
import { keyFingerprint } from '../../net/identity/key-fingerprint.ts'
import type { Store } from '../../store/open-store.ts'
import { Attempts } from '../auth/attempts.ts'
import { describeRefusal } from '../auth/describe-refusal.ts'
import type { Doorkeeper } from '../auth/doorkeeper.ts'
import { MembersError } from '../auth/members-error.ts'
import type { DeviceDoor } from '../auth/paired-devices.ts'
import type { RedemptionLimits } from '../auth/redemption-limits.ts'
import type { Redemptions } from '../auth/redemptions.ts'

export interface KeyAdmissionsOptions {
  readonly devices: DeviceDoor
  readonly doorkeeper: Pick<Doorkeeper, 'admit'>
  readonly invitations: Pick<Store['invitations'], 'find'>
  readonly redemptions: Redemptions
  /** Shared with the web port: it is the same links that are tried. */
  readonly limits: RedemptionLimits
  readonly clock: Clock
}

/** Who is let in by a key: devices of members, and those who become members on the channel by an invitation or a token of theirs. */
export class KeyAdmissions implements KeyDoor {
  readonly #options: KeyAdmissionsOptions
  readonly #wrong: Attempts
  /** Of claims, which nobody but this host can make: see {@link Redemptions.redeem}. */
  readonly #claimKey = randomBytes(32)

  constructor(options: KeyAdmissionsOptions) {
    this.#options = options
    this.#wrong = new Attempts(options.clock)
  }

  async knock(publicKey: Uint8Array): Promise<Member | undefined> {
    const admitted = await this.#options.devices.admitDevice(credentialOf(publicKey))
    return admitted.ok ? admitted.member : undefined
  }

  async introduce(options: Parameters<KeyDoor['introduce']>[0]): Promise<Introduced> {
    const { introduction, publicKey, device, origin } = options
    const found =
      introduction.type === 'redeem'
        ? await this.#redeem(introduction, publicKey, origin)
        : await this.#prove(introduction, origin)
    if (!found.ok) return found
    try {
      await this.#options.devices.pairDevice({
        member: found.member,
        credential: credentialOf(publicKey),
        name: device,
      })
    } catch (error) {
      if (!(error instanceof MembersError)) throw error
      return refused(error.code, error.message)
    }
    const member = await this.knock(publicKey)
    return member ? { ok: true, member } : refused('unknown-key', 'Cannot let you in: you were shown out meanwhile.')
  }

  /** Repeated by the same key, because no answer came, it is answered the same and takes no other use. */
  async #redeem(
    { invitation: token, name, pin }: Extract<Introduction, { type: 'redeem' }>,
    publicKey: Uint8Array,
    origin: string,
  ): Promise<Introduced> {
    const { invitations, limits, redemptions } = this.#options
    const invitation = invitations.find(token)
    if (!invitation) {
      // A link may have a member's own token: of the party, for instance.
      const member = await this.#memberOf(token)
      return member.ok ? member : this.#unknown(origin, 'Cannot let you in: this host knows no such link.')
    }
    if (limits.add(origin, invitation.id) > 0) return tooOften
    const claim = createHmac('sha256', this.#claimKey).update(invitation.id).update(publicKey).digest('base64url')
    const redemption = await redemptions.redeem(invitation, { claim, name, pin })
    if (redemption.ok) return this.#memberOf(redemption.token)
    const { code, message } = describeRefusal(redemption)
    return refused(code, message)
  }

  async #prove({ token }: Extract<Introduction, { type: 'prove' }>, origin: string): Promise<Introduced> {
    const introduced = await this.#memberOf(token)
    return introduced.ok ? introduced : this.#unknown(origin, introduced.message)
  }

  async #memberOf(token: string): Promise<Introduced> {
    const admitted = await this.#options.doorkeeper.admit({ kind: 'token', token })
    if (!admitted.ok) return refused('unknown-token', 'Cannot let you in: the token is no good here.')
    if (admitted.isLink) return refused('not-redeemed', 'Cannot let you in by the token of a link: redeem it.')
    // An app's token is for the app in its lobby, and for nobody who comes from elsewhere.
    if (admitted.member.role === 'app') return refused('unknown-token', 'Cannot let an app in from outside.')
    return { ok: true, member: admitted.member }
  }

  #unknown(origin: string, message: string): Introduced {
    return this.#wrong.add(origin) > 0 ? tooOften : refused('unknown-token', message)
  }
}

const tooOften = refused('too-many-attempts', 'Cannot look this up now: it is tried too often. Try again in a minute.')

function refused(code: string, message: string): Introduced {
  return { ok: false, code, message }
}

function credentialOf(publicKey: Uint8Array) {
  return { kind: 'key', fingerprint: keyFingerprint(publicKey) } as const
}
