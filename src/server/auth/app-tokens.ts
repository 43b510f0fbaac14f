import { randomUUID, timingSafeEqual } from 'node:crypto'
import type { AppAccess } from '../../host/contract/app-access.ts'
import type { Member } from '../../domain/member.ts'
import type { Admitted, Credential, MemberSource } from './member-source.ts'
import { hashToken, newToken } from '../../store/token.ts'

interface Entry {
  readonly hash: Uint8Array
  readonly member: Member
}

/**
 * The tokens of the apps that run now: one for each run of an app, for its own lobby alone. They are nowhere but in the
 * app's environment; here are their hashes, in memory, for as long as the run lasts.
 */
export class AppTokens implements MemberSource {
  readonly #apiUrl: string
  readonly #entries = new Map<string, Entry>()

  /** `apiUrl` is where apps on this machine find the API, without a slash at the end. */
  constructor(apiUrl: string) {
    this.#apiUrl = apiUrl
  }

  /** Runs that have access now. */
  get size(): number {
    return this.#entries.size
  }

  grant(lobbyId: string): AppAccess {
    const token = newToken()
    const id = `app-${randomUUID()}`
    this.#entries.set(id, { hash: hashToken(token), member: { id, name: 'App', role: 'app', lobbies: [lobbyId] } })
    return {
      env: { PORCHLIGHT_API: this.#apiUrl, PORCHLIGHT_TOKEN: token, PORCHLIGHT_LOBBY: lobbyId },
      [Symbol.dispose]: () => void this.#entries.delete(id),
    }
  }

  async admit(credential: Credential): Promise<Admitted | undefined> {
    if (credential.kind !== 'token') return undefined
    const hash = hashToken(credential.token)
    return admitted([...this.#entries.values()].find((entry) => timingSafeEqual(entry.hash, hash)))
  }

  async asOfNow({ id }: { readonly id: string }): Promise<Admitted | undefined> {
    return admitted(this.#entries.get(id))
  }
}

function admitted(entry: Entry | undefined): Admitted | undefined {
  return entry && { ok: true, member: entry.member, expiresMs: undefined, isLink: false }
}
