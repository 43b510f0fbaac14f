import { randomBytes } from 'node:crypto'
import { silentLog } from '../../src/kernel/log.ts'
import type { ManualClock } from '../../src/kernel/manual-clock.ts'
import { openMemoryPipe } from '../../src/kernel/memory-pipe.ts'
import type { Pipe } from '../../src/kernel/pipe.ts'
import { ReachableHosts, type GatewayLimits } from '../../src/party/hosts/reachable-hosts.ts'
import type { WireAddress } from '../../src/wire/address-bytes.ts'
import { gatewayPlaceOf } from '../../src/wire/reach/registration.ts'

/** A gateway in this process and in virtual time, which can be started again, or out of reach. */
export class MemoryGateway {
  hosts: ReachableHosts
  isUp = true
  /** What hosts are told of. */
  relays: readonly WireAddress[] = []
  readonly #options: ConstructorParameters<typeof ReachableHosts>[0]

  constructor(clock: ManualClock, { limits, isServed = true }: { limits?: GatewayLimits; isServed?: boolean } = {}) {
    this.#options = {
      isServed,
      clock,
      log: silentLog,
      randomBytes: (count) => randomBytes(count),
      limits,
      relays: () => this.relays,
    }
    this.hosts = new ReachableHosts(this.#options)
  }

  /** As a host's `HostRegistration` connects. */
  readonly connect = async (url: string, _subprotocol?: string, source = '198.51.100.10'): Promise<Pipe> => {
    if (!this.isUp) throw new Error('connection refused')
    const [near, far] = openMemoryPipe()
    const place = gatewayPlaceOf(new URL(url).pathname)
    if (place?.kind === 'visit') this.hosts.takeUp(far, place.visit)
    else this.hosts.register(far, source)
    return near
  }

  visit(key: Uint8Array, source: string): Pipe {
    const [near, far] = openMemoryPipe()
    this.hosts.visit(far, { key: Buffer.from(key).toString('base64url'), source })
    return near
  }

  /** It forgets all, and is there again. */
  restart(): void {
    this.hosts[Symbol.dispose]()
    this.hosts = new ReachableHosts(this.#options)
  }
}
