import { isIP } from 'node:net'
import type { Clock } from '../../kernel/clock.ts'
import { sleep } from '../../kernel/clock.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import { silentLog } from '../../kernel/log.ts'
import { mayBeChecked } from '../../net/reach/gather-candidates.ts'
import type { StunPlace } from '../../party/connection/own-addresses.ts'
import { PartyError } from '../../party/contract/party-error.ts'
import { addressOf } from '../../party/manager/kept-membership.ts'
import { OwnIdentity } from '../../party/manager/own-identity.ts'
import { networkWay } from '../../party/plane/network-way.ts'
import { PlaneClient } from '../../party/plane/plane-client.ts'
import type { WireAddress } from '../../wire/address-bytes.ts'
import { identityFile } from './identity-file.ts'

/** Whoever has a token names relays at a control plane: no more of them are asked. */
const mostOfPlane = 4
const withinMs = 3000

/** STUN servers for a party: those that were named here, and behind them relays of its control plane, each of which answers as one. */
export async function stunOfParty(options: {
  readonly named: readonly WireAddress[]
  readonly relays: () => Promise<readonly WireAddress[]>
  readonly clock: Clock
  /** The control plane does not tell them. */
  readonly failed: (why: string) => void
}): Promise<readonly StunPlace[]> {
  const { named, relays: ask, clock, failed } = options
  const late = sleep(clock, withinMs).then(() => {
    throw new PartyError('unreachable', 'The control plane does not tell its relays in time')
  })
  late.catch(() => {})
  const relays = await Promise.race([ask(), late]).catch((error: unknown) => {
    failed(messageOf(error))
    return []
  })
  const isNamed = (one: WireAddress) => named.some(({ address, port }) => address === one.address && port === one.port)
  const usable = relays.filter((each) => isIP(each.address) > 0 && mayBeChecked(each, []) && !isNamed(each))
  return [
    ...named.map((at) => ({ at, by: 'settings' as const })),
    ...usable.slice(0, mostOfPlane).map((at) => ({ at, by: 'control-plane' as const })),
  ]
}

/**
 * The relays of the control plane of the party that the host of that data directory is in, without its server: undefined where it is in none, or
 * has its party itself. Rejects with a PartyError.
 */
export async function relaysOfKeptParty(
  dataDirectory: string,
  clock: Clock,
): Promise<readonly WireAddress[] | undefined> {
  const file = identityFile(dataDirectory)
  const identity = new OwnIdentity({ read: () => file.read(), write: () => {} }, silentLog)
  const place = addressOf(identity.membership?.plane)
  if (!place) return undefined
  using way = networkWay(place, clock)
  return await new PlaneClient({ way, peerId: identity.peerId, shelf: identity, clock }).relays()
}
