import { mkdirSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '../../kernel/clock.ts'
import { Ending, type Closable } from '../../kernel/ending.ts'
import type { Log } from '../../kernel/log.ts'
import type { Mdns } from '../../net/mdns/open-mdns.ts'
import { keyPairFrom } from '../../net/native/node-crypto.ts'
import type { PlaneAddress } from '../../party/contract/nearby.ts'
import { createControlService, type ControlService } from '../../party/control/control-service.ts'
import { PartyManager } from '../../party/manager/party-manager.ts'
import { machineBoard } from '../../party/nearby/machine-board.ts'
import { networkBoard } from '../../party/nearby/network-board.ts'
import { networkWay } from '../../party/plane/network-way.ts'
import { ownWay } from '../../party/plane/own-way.ts'
import { openPartyRecords } from '../../store/open-party-records.ts'
import type { PartiesChoice } from '../config/config.ts'
import { identityFile } from './identity-file.ts'
import { openRegistry } from './open-registry.ts'
import { openPartyKey } from './party-key.ts'

/** Beside thousands of viewers a host's web port has room for so many peers. */
const limits = { inAll: 512, perSource: 64 }

/** A host's part in parties, and the control plane that it is for them. */
export interface Parties extends Closable {
  readonly manager: PartyManager
  readonly service: ControlService
}

/** Opens the registry, its control plane and this host's part in its party. Rejects with a StoreError, and ServerError `invalid-config` for a key that cannot be used. */
export async function openParties(options: {
  readonly dataDirectory: string
  /** Whose parties this host is the control plane of. */
  readonly serves: Exclude<PartiesChoice, 'off'>
  /** Where others reach the web port; undefined where nobody does. */
  readonly ownAddress: () => PlaneAddress | undefined
  /** By which members on the same network are found. */
  readonly mdns: Mdns | undefined
  readonly keepRecording: ((name: string, recording: string) => void) | undefined
  readonly clock: Clock
  readonly log: Log
}): Promise<Parties> {
  const { dataDirectory, serves, ownAddress, mdns, keepRecording, clock, log } = options
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 })
  const records = openPartyRecords(join(dataDirectory, 'parties.db'), { clock, log })
  const { registry, ...opened } = await openRegistry({ records, clock, log })
  let me: string | undefined
  const service = createControlService({
    registry,
    clock,
    log,
    limits,
    mayMakeParties: (peerId) => serves === 'all' || peerId === me,
    isGateway: serves === 'all',
  })
  const here = machineBoard(join(tmpdir(), 'porchlight-parties'), { clock, log })
  const near = mdns && networkBoard(mdns)
  const manager = new PartyManager({
    identity: identityFile(dataDirectory),
    keys: keyPairFrom(openPartyKey(dataDirectory).secret),
    own: { way: ownWay(service), registry },
    ownAddress,
    wayTo: (address) => networkWay(address, clock),
    boards: near ? [here, near] : [here],
    share: (party) => here.share(party),
    name: hostname(),
    keepRecording,
    clock,
    random: Math.random,
    log,
  })
  me = manager.me
  const ending = new Ending(async () => {
    await manager.close()
    near?.[Symbol.dispose]()
    here[Symbol.dispose]()
    service[Symbol.dispose]()
    await opened.close()
  })
  return {
    manager,
    service,
    closed: ending.closed,
    close: (reason) => ending.close(reason),
    [Symbol.asyncDispose]: () => ending.close(),
  }
}
