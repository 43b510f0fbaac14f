import type { Log } from '../../kernel/log.ts'
import { WireError } from '../../wire/wire-error.ts'
import type { ToldParty, ToldPeer } from '../../wire/party/records.ts'
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

  /** The party with the keys that count; `isNew` where there are others to be kept. */
  heed(told: ToldParty): { readonly party: ToldParty; readonly isNew: boolean } {
    const keys = this.#keys
    const kept: Record<string, ToldPeer> = {}
    let isNew = false
    let isStrange = false
    for (const [id, peer] of Object.entries(told.peers)) {
      const known = keys.get(id)
      if (known === peer.public_key) continue
      if (known !== undefined) {
        this.#wonder(id, peer.name)
        kept[id] = { ...peer, public_key: known }
        isStrange = true
      } else if (isKey(peer.public_key)) {
        keys.set(id, peer.public_key)
        isNew = true
      }
    }
    for (const id of keys.keys()) {
      if (keys.size <= mostKeys) break
      if (!Object.hasOwn(told.peers, id)) keys.delete(id)
    }
    return { party: isStrange ? { ...told, peers: { ...told.peers, ...kept } } : told, isNew }
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
