import type { Host } from '../../host/contract/host.ts'
import { HostError } from '../../host/contract/host-error.ts'
import type { Member } from '../../domain/member.ts'
import { maxGuestLobbies, type Guests } from '../../store/guests.ts'
import type { Departures } from './departures.ts'
import { MembersError } from './members-error.ts'

/** How the owner opens lobbies to guests beside the one of their link. What it gives is the way in, never another role. */
export class OpenLobbies {
  readonly #host: Host
  readonly #guests: Guests
  readonly #departures: Pick<Departures, 'check'>

  constructor(options: {
    readonly host: Host
    readonly guests: Guests
    readonly departures: Pick<Departures, 'check'>
  }) {
    this.#host = options.host
    this.#guests = options.guests
    this.#departures = options.departures
  }

  /**
   * Opens one more lobby to a member, if the owner means to. Rejects with MembersError `not-admitted` where they do not, or nobody can be let
   * in, and `too-many-admissions`; HostError `lobby-not-found`.
   */
  async to(member: Member, lobbyId: string, isMeant: boolean): Promise<void> {
    const lobby = this.#host.lobbies.get(lobbyId)
    if (!lobby) throw new HostError('lobby-not-found', 'Cannot send anybody there: there is no lobby with this id')
    const guest = this.#guests.get(member.id)
    if (!guest) {
      throw new MembersError(
        'not-admitted',
        `Cannot send ${member.name} to "${lobby.settings.value.title}": they are not somebody of their own here, but came by a link that is open to all. Make a link to that lobby for them.`,
      )
    }
    if (!isMeant) {
      throw new MembersError(
        'not-admitted',
        `Cannot send ${member.name} to "${lobby.settings.value.title}": their link is for another lobby. With "admit" they are let into this one too, as ${member.role}.`,
      )
    }
    await this.set(member.id, [...guest.lobbies, lobbyId])
  }

  /** Opens these lobbies to a guest and closes all others but that of their link. Rejects with MembersError `too-many-admissions`. */
  async set(memberId: string, lobbyIds: readonly string[]): Promise<void> {
    const { lobbies, absentLobbies } = this.#host
    // What has ended needs no room.
    const wanted = [...new Set(lobbyIds)].filter((id) => lobbies.has(id) || absentLobbies.has(id))
    if (wanted.length > maxGuestLobbies) {
      throw new MembersError(
        'too-many-admissions',
        `Cannot open one more lobby to them: ${maxGuestLobbies} are open, the limit for a guest. Close one of those first.`,
      )
    }
    this.#guests.setLobbies(memberId, wanted)
    await this.#departures.check()
  }
}
