import type { Member } from '../../domain/member.ts'
import type { DeviceProof, Devices, StoredDevice } from '../../store/devices.ts'
import { hashToken } from '../../store/token.ts'
import type { Admitted, Credential, MemberSource } from './member-source.ts'

/**
 * The devices of members of other sources: each is let in as its member is, for as long as it is theirs. What lets one in is also
 * what ends its stay: a device that was revoked goes, and its member's other devices stay.
 */
export class DeviceSource implements MemberSource {
  readonly #devices: Devices
  readonly #others: readonly MemberSource[]

  /** `others`: where the members come from whose devices they are. */
  constructor(devices: Devices, others: readonly MemberSource[]) {
    this.#devices = devices
    this.#others = others
  }

  async admit(credential: Credential): Promise<Admitted | undefined> {
    const proof = proofOf(credential)
    const device = proof && this.#devices.find(proof)
    return device && (await this.#admit(device))
  }

  async asOfNow({ id, device: known }: Pick<Member, 'id' | 'device'>): Promise<Admitted | undefined> {
    if (known?.id === undefined) return undefined
    const device = this.#devices.get(known.id)
    return device?.memberId === id ? await this.#admit(device) : { ok: false, reason: 'unknown' }
  }

  async #admit(device: StoredDevice): Promise<Admitted> {
    const { id, kind, name, memberId } = device
    for (const source of this.#others) {
      const holder = await source.asOfNow({ id: memberId })
      if (!holder?.ok) {
        if (holder) return holder
        continue
      }
      this.#devices.seen(device)
      return { ...holder, isLink: false, member: { ...holder.member, device: { id, kind, name } } }
    }
    return { ok: false, reason: 'unknown' }
  }
}

/** What a credential is kept as; undefined for a fingerprint that is none. */
export function proofOf(credential: Credential): DeviceProof | undefined {
  if (credential.kind === 'token') return { kind: 'token', hash: hashToken(credential.token) }
  const hex = credential.fingerprint.replaceAll(/[\s:]/g, '')
  return /^[0-9a-f]{64}$/i.test(hex) ? { kind: credential.kind, hash: Buffer.from(hex, 'hex') } : undefined
}
