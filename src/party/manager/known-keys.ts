import type { Log } from '../../kernel/log.ts'
import { WireError } from '../../wire/wire-error.ts'
import type { ToldPeer } from '../../wire/party/records.ts'
import { decodeKey } from '../../wire/wireguard/wireguard-key.ts'

/** As many keys are kept as a party has peers; beyond that those go first whose peers have left. */
const mostKeys = 1024

/**
 * The key that each peer was first known by. A control plane tells the keys, so that one which wants to read what peers say, or to speak
 * for one of them, would tell another key: whoever was known once keeps the key, as long as this machine is in the party.
 */
export class KnownKeys {
  readonly #log: Log
  readonly #keys: Map<string, string>
  /** Peers of which another key was told, and is logged once. */
  readonly #strange = new Set<string>()

  constructor(known: Readonly<Record<string, string>>, log: Log) {
    this.#keys = new Map(Object.entries(known))
    this.#log = log
  }

  get known(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#keys)
  }

  /** The key of a peer that counts. */
  keyOf({ peer_id: id, public_key: told }: ToldPeer): string {
    return this.#keys.get(id) ?? told
  }

  /** Learns the key of a peer, and wonders about another one; true where it is new, and to be kept. */
  heed({ peer_id: id, public_key: told, name }: ToldPeer): boolean {
    const known = this.#keys.get(id)
    if (known !== undefined && known !== told) this.#wonder(id, name)
    if (known !== undefined || !isKey(told)) return false
    this.#keys.set(id, told)
    return true
  }

  /** Lets go of those that are too many. */
  trim(isHere: (peerId: string) => boolean): void {
    for (const id of this.#keys.keys()) {
      if (this.#keys.size <= mostKeys) break
      if (!isHere(id)) this.#keys.delete(id)
    }
  }

  #wonder(peer: string, name: string): void {
    if (this.#strange.has(peer)) return
    if (this.#strange.size >= mostKeys) this.#strange.clear()
    this.#strange.add(peer)
    this.#log.warn('A member has another key than it was known by, which does not count', { peer, name })
  }
}

function isKey(text: string): boolean {
  try {
    return decodeKey(text).length > 0
  } catch (error) {
    if (error instanceof WireError) return false
    throw error
  }
}
