import { randomBytes } from 'node:crypto'
import type { RelayLeases } from '../../gateway/native/contract/relay-leases.ts'
import { HostRegistration } from '../../gateway/native/host-registration.ts'
import { RendezvousDesk } from '../../gateway/native/rendezvous-desk.ts'
import { openWebSocket } from '../../http/open-websocket.ts'
import type { Clock } from '../../kernel/clock.ts'
import { Ending, type Closable } from '../../kernel/ending.ts'
import type { Log } from '../../kernel/log.ts'
import { keyPairFrom } from '../../net/native/node-crypto.ts'
import { openUdpSocket } from '../../net/udp/udp-socket.ts'
import type { ViewerProcesses } from '../../viewer/open-viewer-processes.ts'
import { maxRendezvousBytes } from '../../wire/reach/protocol.ts'
import type { WireAddress } from '../../wire/address-bytes.ts'
import type { ServerConfig } from '../config/config.ts'
import type { RelayPlace } from '../config/config-relays.ts'
import { HostRelays } from './host-relays.ts'
import { openHostKey } from './open-host-key.ts'
import { openRelayIssuer, publicIssuer } from './relay-issuer.ts'
import { TurnLeases, type LentTurn } from './turn-leases.ts'

export interface OpenRendezvous extends Closable {
  readonly desk: RendezvousDesk
  /** Undefined where there is no gateway. */
  readonly registration: HostRegistration | undefined
  /** Of the TURN servers beside its relays, for a conversation that begins. */
  lendTurn(): LentTurn
}

const noTurn: LentTurn = { look: () => ({ servers: [] }), release: () => {} }
const noLeases: RelayLeases = { grant: () => ({ revoke: () => {} }) }

/**
 * Where clients of the native transport find a path to this host, with the relays that it may use. Throws ServerError `invalid-config`
 * where their issuer's key cannot be used.
 */
export async function openRendezvous(options: {
  readonly config: ServerConfig
  readonly viewerProcess: Pick<ViewerProcesses, 'openReach'>
  readonly keepRecording: ((name: string, recording: string) => void) | undefined
  readonly clock: Clock
  readonly log: Log
}): Promise<OpenRendezvous> {
  const { config, viewerProcess, keepRecording, clock, log } = options
  const open = new AsyncDisposableStack()
  const key = openHostKey(config.dataDirectory)
  let registration: HostRegistration | undefined
  const relays = () => [...config.relays, ...(registration?.relays ?? []).map(placeOf)]
  const mayHaveRelays = config.relays.length > 0 || config.gateway !== undefined
  const opened = mayHaveRelays ? await openLeases({ ...options, relays }, open) : undefined
  const desk = new RendezvousDesk({
    viewerProcess,
    publicKey: key.publicKey,
    leases: opened?.leases ?? noLeases,
    clock,
    log,
    randomBytes,
    keepRecording,
  })
  const { gateway: url } = config
  registration =
    url === undefined
      ? undefined
      : new HostRegistration({
          url,
          own: keyPairFrom(key.secret),
          desk,
          // The gateway carries what is sealed for somebody's key: whoever has its certificate can keep visitors away, and no more.
          connect: (address, subprotocol) =>
            openWebSocket(address, { subprotocol, clock, isCertified: false, mostBytes: maxRendezvousBytes }),
          clock,
          random: Math.random,
          log,
          keepRecording,
        })
  const ending = new Ending(async () => {
    registration?.[Symbol.dispose]()
    desk.close()
    await open.disposeAsync()
  })
  return {
    desk,
    registration,
    lendTurn: () => opened?.turn.lend() ?? noTurn,
    closed: ending.closed,
    close: (reason) => ending.close(reason),
    [Symbol.asyncDispose]: () => ending.close(),
  }
}

async function openLeases(
  options: {
    readonly config: ServerConfig
    readonly relays: () => readonly RelayPlace[]
    readonly clock: Clock
    readonly log: Log
  },
  open: AsyncDisposableStack,
): Promise<{ readonly leases: RelayLeases; readonly turn: TurnLeases }> {
  const { config, relays, clock, log } = options
  const { relays: own, relayIssuerKey: keyFile, dataDirectory } = config
  const issuer = openRelayIssuer({ keyFile, dataDirectory })
  log.info('Relays can be used that take leases of this issuer', {
    relays: own.map(({ name }) => name),
    issuer: publicIssuer(issuer),
  })
  const [four, six] = [await openUdpSocket({ host: '0.0.0.0', port: 0 }), await openSix()]
  open.use(four)
  if (six) open.use(six)
  const socketFor = (address: string) => (address.includes(':') ? six : four)
  const leases = new HostRelays({
    relays,
    issuer,
    send: (bytes, to) => socketFor(to.address)?.send(bytes, to),
    clock,
    log,
    randomBytes,
  })
  open.use(leases)
  const turn = open.use(new TurnLeases({ places: own, relays: leases, socketFor, clock, log, randomBytes }))
  return { leases, turn }
}

/** A relay that a gateway tells of is named by its address. */
function placeOf({ address, port }: WireAddress): RelayPlace {
  return { name: address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`, host: address, port }
}

/** A machine may have no IPv6. */
async function openSix() {
  try {
    return await openUdpSocket({ host: '::', port: 0 })
  } catch {
    return undefined
  }
}
