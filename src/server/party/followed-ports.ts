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
  readonly #log: Log
  /** Why a port is not open, by what it is here. */
  readonly #refusals = new Map<string, string>()

  constructor(ports: SharedPorts, { settings, log }: { settings: Pick<PartySettings, 'shares' | 'ports'>; log: Log }) {
    this.#ports = ports
    this.#settings = settings
    this.#log = log
  }

  /** Why ports that are wanted are not open, by {@link localKeyOf}. */
  get refusals(): ReadonlyMap<string, string> {
    return this.#refusals
  }

  /** Shares, opens and closes what is different. `members` are those who are there. Never rejects. */
  async follow(members: ReadonlySet<string>): Promise<void> {
    const { shares, ports } = this.#settings
    const list = this.#ports.shares
    const shared = new Set(shares.value.map(keyOf))
    for (const { protocol, port } of list.list) {
      if (!shared.has(keyOf({ protocol, port }))) list.remove(protocol, port)
    }
    for (const share of shares.value) list.add(share)
    const wanted = new Map(ports.value.map((each) => [localKeyOf(each), each]))
    for (const opened of this.#ports.opened) {
      const same = wanted.get(localKeyOf(opened))
      if (same?.memberId === opened.memberId && same.port === opened.port) wanted.delete(localKeyOf(opened))
      else await this.#ports.close(opened.protocol, opened.localPort)
    }
    this.#refusals.clear()
    for (const port of wanted.values()) await this.#open(port, members.has(port.memberId))
  }

  async #open(port: OpenedPort, isThere: boolean): Promise<void> {
    try {
      if (isThere) await this.#ports.open(port)
      else this.#refusals.set(localKeyOf(port), 'that member is not in this party now')
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
