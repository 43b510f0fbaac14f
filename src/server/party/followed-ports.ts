import { messageOf } from '../../kernel/coded-error.ts'
import type { Log } from '../../kernel/log.ts'
import type { PortShare } from '../../party/share/port-shares.ts'
import type { OpenedPort, SharedPorts } from '../../party/share/shared-ports.ts'
import type { ShareProtocol } from '../../wire/party/share.ts'
import type { KeptList, PartySettings } from './party-settings.ts'

/** The ports of one party's network, as the settings have them. */
export class FollowedPorts {
  readonly #ports: SharedPorts
  readonly #settings: Pick<PartySettings, 'shares' | 'ports'>
  readonly #whyAway: (memberId: string) => string | undefined
  readonly #log: Log
  /** Who was away when this was done last. */
  readonly #away = new Set<string>()
  /** Why a port is not open, by what it is here. */
  readonly #refusals = new Map<string, string>()

  constructor(
    ports: SharedPorts,
    options: {
      readonly settings: Pick<PartySettings, 'shares' | 'ports'>
      /** For people, why a member is not there now; undefined for one who is. */
      readonly whyAway: (memberId: string) => string | undefined
      readonly log: Log
    },
  ) {
    this.#ports = ports
    this.#settings = options.settings
    this.#whyAway = options.whyAway
    this.#log = options.log
  }

  /** Why ports that are wanted are not open, by {@link localKeyOf}. */
  get refusals(): ReadonlyMap<string, string> {
    return this.#refusals
  }

  /** Whether a member whose port is wanted has gone or come back since {@link follow}. */
  get isBehind(): boolean {
    return this.#settings.ports.value.some(({ memberId }) => {
      return (this.#whyAway(memberId) !== undefined) !== this.#away.has(memberId)
    })
  }

  /** Whether a port of a member who is there could not be had. */
  get isShort(): boolean {
    const isOpen = new Set(this.#ports.opened.flatMap((each) => (each.isListening ? [localKeyOf(each)] : [])))
    return this.#settings.ports.value.some((each) => !isOpen.has(localKeyOf(each)) && !this.#away.has(each.memberId))
  }

  /** Shares, opens, rests and closes what is different. `members` are those who are in the party. Never rejects. */
  async follow(members: ReadonlySet<string>): Promise<void> {
    const { shares, ports } = this.#settings
    const list = this.#ports.shares
    const shared = new Set(shares.value.map(keyOf))
    for (const { protocol, port } of list.list) {
      if (!shared.has(keyOf({ protocol, port }))) list.remove(protocol, port)
    }
    for (const share of shares.value) list.add(share)
    const wanted = new Map(ports.value.map((each) => [localKeyOf(each), each]))
    const known = new Set<string>()
    for (const opened of this.#ports.opened) {
      const same = wanted.get(localKeyOf(opened))
      const isSame = same?.memberId === opened.memberId && same.port === opened.port && members.has(same.memberId)
      if (isSame) known.add(localKeyOf(opened))
      else await this.#ports.close(opened.protocol, opened.localPort)
    }
    this.#refusals.clear()
    this.#away.clear()
    for (const [key, port] of wanted) await this.#open(port, known.has(key))
  }

  async #open(port: OpenedPort, isKnown: boolean): Promise<void> {
    const { memberId, protocol, localPort } = port
    const why = this.#whyAway(memberId)
    try {
      if (why !== undefined) {
        this.#away.add(memberId)
        this.#refusals.set(localKeyOf(port), why)
        this.#ports.rest(protocol, localPort)
      } else if (isKnown) await this.#ports.resume(protocol, localPort)
      else await this.#ports.open(port)
    } catch (error) {
      this.#refusals.set(localKeyOf(port), messageOf(error))
      this.#log.debug('A port to a member is not open', { ...port, why: messageOf(error) })
    }
  }
}

/** What a share is among shares. */
export function keyOf({ protocol, port }: Pick<PortShare, 'protocol' | 'port'>): string {
  return `${protocol} ${port}`
}

/** What an opened port is on this machine. */
export function localKeyOf(opened: Pick<OpenedPort, 'protocol' | 'localPort'>): string {
  return `${opened.protocol} ${opened.localPort}`
}

/** False where it was not among them. Throws ShareError or StoreError. */
export function unshared(shares: KeptList<PortShare>, protocol: ShareProtocol, port: number): boolean {
  const left = shares.value.filter((each) => keyOf(each) !== keyOf({ protocol, port }))
  if (left.length === shares.value.length) return false
  shares.keep(left)
  return true
}
