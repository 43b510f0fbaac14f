import type { Member } from '../../domain/member.ts'
import type { Admitted, Credential, MemberSource } from './member-source.ts'

const tokenShape = /^[\w-]{43}$/
const nobody: Admitted = { ok: false, reason: 'unknown' }

/** Turns credentials into members, whichever source they are from. The first that knows one decides. */
export class Doorkeeper {
  readonly #sources: readonly MemberSource[]

  constructor(sources: readonly MemberSource[]) {
    this.#sources = sources
  }

  /** Whom the credential lets in now. May reject with a StoreError. */
  async admit(credential: Credential): Promise<Admitted> {
    // What cannot be a token is refused before it costs a hash and a look into the store.
    if (credential.kind === 'token' && !isToken(credential.token)) return nobody
    for (const source of this.#sources) {
      const admitted = await source.admit(credential)
      if (admitted) return admitted
    }
    return nobody
  }

  /** A member who was let in before, as they would be let in now; undefined when they would not. May reject with a StoreError. */
  async asOfNow(member: Pick<Member, 'id' | 'device'>): Promise<Member | undefined> {
    for (const source of this.#sources) {
      const admitted = await source.asOfNow(member)
      if (admitted) return admitted.ok ? admitted.member : undefined
    }
    return undefined
  }
}

/** Whether a text can be a token at all. */
export function isToken(text: string): boolean {
  return tokenShape.test(text)
}
