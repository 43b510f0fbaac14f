import { join } from 'node:path'
import type { Clock } from '../../kernel/clock.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import type { Log } from '../../kernel/log.ts'
import type { PartyRelayAccess } from '../../party/connection/party-relay.ts'
import type { PartyMembership } from '../../party/contract/party-membership.ts'
import { cleanFormerInterface } from '../../party/mesh/device/mesh-interface.ts'
import type { ServerConfig } from '../config/config.ts'
import type { LiveSettings } from '../config/live-settings.ts'
import { openRelayIssuer } from '../native/relay-issuer.ts'
import { addressOfPlace, findStunServers } from '../network/stun-places.ts'
import { HostNetwork } from './host-network.ts'
import { keptFile } from './kept-file.ts'
import type { ProbingCounts } from './probing-counts.ts'
import { openPartyKey } from './party-key.ts'
import { partySettings } from './party-settings.ts'

/**
 * Opens the network of whatever party this host is in, after what a former run has left of it was taken away. Rejects with ServerError
 * `invalid-config` for a key that cannot be used.
 */
export async function openHostNetwork(options: {
  readonly config: Pick<
    ServerConfig,
    'dataDirectory' | 'iceServers' | 'relays' | 'relayIssuerKey' | 'gamePorts' | 'birthdayProbing'
  >
  readonly settings: LiveSettings
  readonly membership: PartyMembership
  readonly probings: ProbingCounts
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
}): Promise<HostNetwork> {
  const { config, settings, membership, probings, clock, random, log } = options
  const { dataDirectory } = config
  const kept = keptFile(join(dataDirectory, 'mesh-interface.json'))
  try {
    await cleanFormerInterface({ kept, clock, log })
  } catch (error) {
    log.warn('What a former run has left of its network interface is still there', { why: messageOf(error) })
  }
  const { secret } = openPartyKey(dataDirectory)
  return new HostNetwork({
    membership,
    secret,
    stunServers: () =>
      findStunServers(config, (place, why) => log.warn('A STUN server cannot be asked', { place, why })),
    relay: () => relayOf(config, log),
    settings: partySettings(settings),
    probesByBirthday: config.birthdayProbing,
    onProbed: (outcome) => probings.count(outcome),
    mesh: { home: dataDirectory, kept, gamePorts: config.gamePorts },
    clock,
    random,
    log,
  })
}

/** The first of this host's relays, which it lends to its party; undefined for none. */
async function relayOf(
  { relays, relayIssuerKey, dataDirectory }: Pick<ServerConfig, 'relays' | 'relayIssuerKey' | 'dataDirectory'>,
  log: Log,
): Promise<PartyRelayAccess | undefined> {
  const [place] = relays
  if (!place) return undefined
  try {
    const address = await addressOfPlace({ address: place.host, port: place.port })
    return { address, name: place.name, issuer: openRelayIssuer({ keyFile: relayIssuerKey, dataDirectory }) }
  } catch (error) {
    log.warn('The party cannot use this host’s relay', { relay: place.name, why: messageOf(error) })
    return undefined
  }
}
