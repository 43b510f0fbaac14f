import { signal } from '@preact/signals'
import type {
  ApiClient,
  CreatedInvitation,
  CreateInvitation,
  InvitationView,
  MemberView,
} from '../../src/client/index.ts'

/** An invitation and who came by it. */
export interface SharedLink {
  readonly invitation: InvitationView
  readonly guests: readonly MemberView[]
}

/** The ways into one lobby that were given out, and what can be done about them. */
export class ShareModel {
  /** Newest first; those that have expired or were revoked are left out. */
  readonly links = signal<readonly SharedLink[]>([])
  /** What was made last; token and PIN are told only now. */
  readonly created = signal<CreatedInvitation | undefined>(undefined)
  readonly busy = signal(false)
  readonly #api: ApiClient
  readonly #lobbyId: string
  readonly #onError: (error: unknown) => void

  constructor(options: { api: ApiClient; lobbyId: string; onError: (error: unknown) => void }) {
    this.#api = options.api
    this.#lobbyId = options.lobbyId
    this.#onError = options.onError
  }

  load(): Promise<void> {
    return this.#attempt(async () => {})
  }

  create(wanted: Omit<CreateInvitation, 'lobbyId'>): Promise<void> {
    return this.#attempt(async () => {
      this.created.value = await this.#api.createInvitation({ lobbyId: this.#lobbyId, ...wanted })
    })
  }

  revoke(invitationId: string): Promise<void> {
    return this.#attempt(async () => {
      await this.#api.revokeInvitation(invitationId)
      if (this.created.value?.id === invitationId) this.created.value = undefined
    })
  }

  changeRole(memberId: string, role: 'player' | 'viewer'): Promise<void> {
    return this.#attempt(() => this.#api.changeMember(memberId, { role }))
  }

  remove(memberId: string): Promise<void> {
    return this.#attempt(() => this.#api.removeMember(memberId))
  }

  async #attempt(work: () => Promise<unknown>): Promise<void> {
    this.busy.value = true
    try {
      await work()
      const [invitations, members] = await Promise.all([this.#api.invitations(), this.#api.members()])
      const holding = invitations.filter(
        ({ lobbyId, state }) => lobbyId === this.#lobbyId && state !== 'expired' && state !== 'revoked',
      )
      this.links.value = holding.map((invitation) => ({
        invitation,
        guests: members.filter(({ invitationId }) => invitationId === invitation.id),
      }))
    } catch (error) {
      this.#onError(error)
    } finally {
      this.busy.value = false
    }
  }
}
