import { messageOf } from '../../kernel/coded-error.ts'
import type { Log } from '../../kernel/log.ts'
import type { Unsubscribe } from '../../kernel/readable.ts'
import type { Announcement, NearbyBoard, PlaneAddress } from '../contract/nearby.ts'
import { plainCode } from '../registry/party-code.ts'
import { announcementKey, isProven, proofOf } from './announcement-proof.ts'

/** As many are looked at: each costs some 40 ms of another core, once. */
const mostNeighbours = 64

/** What a member announces of itself. */
export type Announced = Omit<Announcement, 'peerId' | 'proof'>

/** Who is near and in the same party: on this machine, on this network. `secret` is what lets into the party: its code, or its id. */
export class Neighbours implements Disposable {
  readonly #boards: readonly NearbyBoard[]
  readonly #me: string
  readonly #log: Log
  readonly #keys = new Map<string, Promise<Buffer>>()
  #announced = ''

  constructor(options: { boards: readonly NearbyBoard[]; me: string; log: Log }) {
    this.#boards = options.boards
    this.#me = options.me
    this.#log = options.log
  }

  /** Takes the place of what was announced before; undefined takes that back. */
  async announce(secret: string, announced: Announced | undefined): Promise<void> {
    // Where nobody hears it, its key would be made for nothing.
    if (this.#boards.length === 0) return
    const said = JSON.stringify(announced) ?? ''
    if (said === this.#announced) return
    this.#announced = said
    try {
      const announcement = announced && { ...announced, peerId: this.#me }
      const key = await this.#key(secret, this.#me)
      // Something else was said meanwhile.
      if (this.#announced !== said) return
      for (const board of this.#boards) {
        board.announce(announcement && { ...announcement, proof: proofOf(announcement, key) })
      }
    } catch (error) {
      this.#log.warn('Who is near is not told of the party', { error: messageOf(error) })
    }
  }

  /** Other members who are near now. */
  async members(secret: string): Promise<readonly Announcement[]> {
    const others = this.#boards.flatMap((board) => board.nearby()).filter(({ peerId }) => peerId !== this.#me)
    const proven = await Promise.all(
      others.slice(0, mostNeighbours).map(async (each) => isProven(each, await this.#key(secret, each.peerId))),
    )
    const known = new Map(others.filter((_, index) => proven[index]).map((each) => [each.peerId, each]))
    return [...known.values()]
  }

  /** Where a party is that this code lets into, as somebody near says. */
  async find(code: string): Promise<PlaneAddress | undefined> {
    const members = await this.members(code)
    const home = members.find(({ home: there, isLocal }) => there && !isLocal)?.home
    return home ?? members.find(({ own, isLocal }) => own && isLocal)?.own
  }

  onChange(listener: () => void): Unsubscribe {
    const ends = this.#boards.map((board) => board.onChange(listener))
    return () => {
      for (const end of ends) end()
    }
  }

  [Symbol.dispose](): void {
    for (const board of this.#boards) board.announce(undefined)
  }

  #key(secret: string, peerId: string): Promise<Buffer> {
    const name = `${plainCode(secret)} ${peerId}`
    const known = this.#keys.get(name)
    if (known) return known
    const [oldest] = this.#keys.keys()
    if (this.#keys.size >= 2 * mostNeighbours && oldest !== undefined) this.#keys.delete(oldest)
    const key = announcementKey(plainCode(secret), peerId)
    this.#keys.set(name, key)
    return key
  }
}
