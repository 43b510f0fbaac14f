import type { Clock } from '../../kernel/clock.ts'
import { stillSide } from '../../media/contract/still.ts'
import type { SeenLobby } from '../../party/share/lobby-looks.ts'
import { jpegSize } from '../../wire/jpeg-size.ts'
import { stillTag } from '../http/thumbnail.ts'

/** Several pages that show the same wall ask once. */
const freshMs = 2000
/** Pictures that are kept; the one that was looked at longest ago goes for one more. */
const mostKept = 128

/** How a lobby of a member looks, small. */
export interface LobbyPicture {
  /** This host's own word for it: what a member says goes into no header. */
  readonly tag: string
  readonly jpeg: Uint8Array
  /** By which the member knows it. */
  readonly membersTag: string
}

interface Kept {
  readonly askedMs: number
  readonly picture: Promise<LobbyPicture | undefined>
}

/** What is on at members, as this host's pages show it on their wall: asked for only while they do. */
export class PeerLooks {
  readonly #look: (peerId: string, lobby: { lobbyId: string; tag: string | undefined }) => Promise<SeenLobby>
  readonly #clock: Clock
  readonly #kept = new Map<string, Kept>()

  constructor(options: {
    /** Asks that member. Rejects where it is not reached. */
    look: (peerId: string, lobby: { lobbyId: string; tag: string | undefined }) => Promise<SeenLobby>
    clock: Clock
  }) {
    this.#look = options.look
    this.#clock = options.clock
  }

  /**
   * Undefined while there is nothing to see: nobody answers, it is not for this host, nothing is on, or what came is no small JPEG. Never
   * rejects.
   */
  pictureOf(peerId: string, lobbyId: string): Promise<LobbyPicture | undefined> {
    const key = JSON.stringify([peerId, lobbyId])
    const nowMs = this.#clock.nowMs()
    const before = this.#kept.get(key)
    if (before && nowMs - before.askedMs < freshMs) return before.picture
    const picture = this.#ask(peerId, lobbyId, before)
    // Taken out first, so that it moves to the end.
    this.#kept.delete(key)
    const [oldest] = this.#kept.keys()
    if (this.#kept.size >= mostKept && oldest !== undefined) this.#kept.delete(oldest)
    this.#kept.set(key, { askedMs: nowMs, picture })
    return picture
  }

  async #ask(peerId: string, lobbyId: string, before: Kept | undefined): Promise<LobbyPicture | undefined> {
    try {
      const known = await before?.picture
      const seen = await this.#look(peerId, { lobbyId, tag: known?.membersTag })
      if (seen.type === 'unchanged') return known
      if (seen.type !== 'picture' || !isSmall(seen.jpeg)) return undefined
      return { tag: stillTag(seen.jpeg), jpeg: seen.jpeg, membersTag: seen.tag }
    } catch {
      return undefined
    }
  }
}

/** A page decodes it: a few bytes that say they are a large picture would take gigabytes there. */
function isSmall(jpeg: Uint8Array): boolean {
  const { width, height } = jpegSize(jpeg) ?? { width: Infinity, height: Infinity }
  return width <= stillSide && height <= stillSide
}
