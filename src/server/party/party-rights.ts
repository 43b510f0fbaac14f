import * as v from 'valibot'
import { partyPermissions, type PartyPermission } from '../../domain/party-permission.ts'
import { Writable, type Readable } from '../../kernel/readable.ts'
import type { Settings } from '../../store/settings.ts'

const setting = 'party.rights'
/** Who may watch sees what others do; who may play has this machine's apps in hand: that is for the owner to say. */
const usual: PartyPermission = 'watch'
/** Peers with a choice of their own; the oldest falls back to what is usual. */
const mostPeers = 1024

const kept = v.object({
  usual: v.picklist(partyPermissions),
  peers: v.record(v.string(), v.picklist(partyPermissions)),
})
type Kept = v.InferOutput<typeof kept>

/** What the owner lets members of the party do here: all of them, and some otherwise. It outlives the party: a friend stays one. */
export class PartyRights {
  readonly #settings: Settings
  readonly #kept: Writable<Kept>

  /** May throw a StoreError. */
  constructor(settings: Settings) {
    this.#settings = settings
    const read = v.safeParse(kept, parsed(settings.get(setting)))
    this.#kept = new Writable<Kept>(read.success ? read.output : { usual, peers: {} })
  }

  /** Changes when anything of it does. */
  get changes(): Readable<unknown> {
    return this.#kept
  }

  get usual(): PartyPermission {
    return this.#kept.value.usual
  }

  of(peerId: string): PartyPermission {
    return this.own(peerId) ?? this.usual
  }

  /** What was chosen for that peer alone. */
  own(peerId: string): PartyPermission | undefined {
    const { peers } = this.#kept.value
    return Object.hasOwn(peers, peerId) ? peers[peerId] : undefined
  }

  setUsual(permission: PartyPermission): void {
    this.#keep({ ...this.#kept.value, usual: permission })
  }

  /** Undefined makes it what is usual again. */
  set(peerId: string, permission: PartyPermission | undefined): void {
    const others = Object.entries(this.#kept.value.peers).filter(([id]) => id !== peerId)
    const all = permission === undefined ? others : [...others, [peerId, permission] as const]
    this.#keep({ ...this.#kept.value, peers: Object.fromEntries(all.slice(-mostPeers)) })
  }

  #keep(value: Kept): void {
    this.#settings.set(setting, JSON.stringify(value))
    this.#kept.set(value)
  }
}

function parsed(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}
