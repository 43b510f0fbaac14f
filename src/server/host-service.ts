import { randomBytes } from 'node:crypto'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '../kernel/clock.ts'
import type { Closable, End } from '../kernel/ending.ts'
import type { Log } from '../kernel/log.ts'
import { createReturnDesk } from '../conversation/return/return-desk.ts'
import { openBrowserGateway } from '../gateway/browser/open-browser-gateway.ts'
import { knownSignalling } from '../wire/signal/versions.ts'
import { websocketPipe } from '../http/websocket-pipe.ts'
import type { Host } from '../host/contract/host.ts'
import { defaultLimits } from '../host/host-options.ts'
import { hostMark } from '../host/child/process-tree.ts'
import { removeLeftNumbers } from '../host/display/display-number.ts'
import { budgetUnit } from '../media/encoder-budget.ts'
import { openHost } from '../host/open-host.ts'
import { monotonicUs } from '../media/contract/monotonic.ts'
import { UnitInlets } from '../media/contract/unit-inlets.ts'
import { openMetrics } from '../observe/open-metrics.ts'
import { openSessionRecords } from '../observe/session-records.ts'
import type { Store } from '../store/open-store.ts'
import { apiPrefix } from '../wire/api/resources.ts'
import { openAppCatalogue } from './apps/open-app-catalogue.ts'
import { isWildcard } from './auth/allowed-hosts.ts'
import { AppTokens } from './auth/app-tokens.ts'
import type { Environment, ServerConfig } from './config/config.ts'
import type { LiveSettings } from './config/live-settings.ts'
import { logHostEvent } from './event-log.ts'
import type { ConnectionLimits } from './http/connection-limits.ts'
import { lackOfSpace } from './free-space.ts'
import { hostInfo } from './inventory.ts'
import { openLedger } from './open-ledger.ts'
import { lobbyArchive } from './lobby-archive.ts'
import { openMachineRunners } from './machine-runners.ts'
import { localUrl } from './local-access.ts'
import { openMachine, type Machine } from './machine.ts'
import { moonlightPorts } from './moonlight/moonlight-ports.ts'
import { openMdnsHere } from './network/open-mdns-here.ts'
import { openMoonlight, wantsMoonlight, type OpenMoonlight } from './moonlight/open-moonlight.ts'
import { registerGatewayMetrics, viewOfGateway } from './native/gateway-view.ts'
import { openRendezvous, type OpenRendezvous } from './native/open-rendezvous.ts'
import { nativeLinks, nativePort, openNative } from './native/open-native.ts'
import { openNetworkDoor, type NetworkDoor } from './network/network-door.ts'
import { stunOfRelays } from './network/stun-places.ts'
import { allIceServers, readTurnServers } from './network/turn-servers.ts'
import { openWeb, type Web } from './open-web.ts'
import { rememberLinks } from './owner-links.ts'
import { pageLinks } from './network/page-links.ts'
import { openHostNetwork } from './party/open-host-network.ts'
import { openParties } from './party/open-parties.ts'
import { registerPartyMetrics, registerProbingMetrics } from './party/party-metrics.ts'
import { ProbingCounts } from './party/probing-counts.ts'
import { partyAddress } from './party/party-address.ts'
import { openRecordingKey } from './recordings/recording-key.ts'
import { openRecordings } from './recordings/recordings.ts'
import type { RunDirectory } from './run-directory.ts'
import { registerMetrics } from './server-metrics.ts'
import { sessionArchive } from './session-archive.ts'
import { serverVersion } from './server-version.ts'
import type { Teardown } from './teardown.ts'
import { certificateFacts } from './tls/certificate-facts.ts'
import type { HostCertificate } from './tls/open-certificate.ts'
import { findUdpPort } from './udp-port.ts'

/** Everything behind the web port. */
export interface HostService {
  readonly machine: Machine
  readonly host: Host
  readonly web: Web
  readonly network: NetworkDoor
  /** Addresses of the page as they are now, the one to hand on first. */
  readonly links: () => readonly string[]
  /** Links of the native transport, likewise; none where it is not served. */
  readonly nativeLinks: readonly string[]
  /** Resolves when a part ends without which there is nothing to serve. */
  readonly broken: Promise<End>
}

export interface HostServiceOptions {
  readonly config: ServerConfig
  readonly environment: Environment
  readonly store: Store
  readonly settings: LiveSettings
  /** What the host is known by on this machine: everything that it starts carries it. */
  readonly hostId: string
  readonly run: RunDirectory
  /** IP address that the ports are bound to. */
  readonly bindAddress: string
  /** Of the web port. */
  readonly port: number
  readonly udpPort: number
  /** Serves the web port on one more address, by HTTPS alone. */
  readonly listen: (address: string) => Promise<Closable>
  /** What HTTPS is served with; undefined where it is turned off. */
  readonly certificate: HostCertificate | undefined
  /** Lets commands of this machine in. */
  readonly localToken: string
  readonly limits: ConnectionLimits
  readonly pageDirectory: string
  readonly clock: Clock
  readonly log: Log
}

/** Opens the parts from the bottom to the top and wires them; what has been opened is added to the teardown. */
export async function openHostService(options: HostServiceOptions, teardown: Teardown): Promise<HostService> {
  const { config, hostId, run, store, settings, bindAddress, udpPort, clock, log } = options
  // What the host runs for itself is found by its mark, as its apps are.
  const environment = { ...options.environment, ...hostMark(hostId) }
  // Closed late, as the web port is: goodbyes go through it.
  let network: NetworkDoor | undefined
  teardown.add('network', async () => network?.close())
  const metrics = openMetrics({ log, clock })
  teardown.add('metrics', () => metrics.close())
  const records = openSessionRecords({
    archive: sessionArchive(store.sessions),
    titleOf: (lobbyId) => host.lobbies.get(lobbyId)?.settings.value.title ?? lobbyId,
    clock,
    log,
  })
  teardown.add('session records', () => records.close())

  const runners = await openMachineRunners({ config, hostId, environment, clock, log }, teardown)
  // Before any lobby comes back; their processes are gone by now.
  await runners.removeLeftovers()
  await removeLeftNumbers(hostId)
  run.removeLeftovers()
  const catalogue = await openAppCatalogue({ records: store.apps, ...runners, ...config, environment, clock, log })
  teardown.add('apps', () => catalogue[Symbol.dispose]())
  const { apps } = catalogue
  const encoderBudget = settings.readable('encoderBudget')
  const inlets = new UnitInlets(run.path)
  const machine = await openMachine(
    { apps, runners, hostId, runDirectory: run.path, inlets, encoderBudget, environment, clock, log },
    teardown,
  )
  const { parts, waitingRooms } = machine
  const sealKey = openRecordingKey(config.dataDirectory)
  const ledger = openLedger(store, sealKey)
  const appTokens = new AppTokens(localUrl(bindAddress, options.port) + apiPrefix)
  const lobbies = settings.readable('lobbies')
  const limits = {
    get lobbies() {
      return lobbies.value ?? defaultLimits.lobbies
    },
    sessions: defaultLimits.sessions,
    idleMs: config.idleTimeoutS * 1000,
  }
  const host = await openHost({
    limits,
    parts,
    apps,
    runDirectory: join(run.path, 'lobbies'),
    dataDirectory: config.dataDirectory,
    lobbies: lobbyArchive(store.lobbies),
    ledger,
    grantAppAccess: (lobbyId) => appTokens.grant(lobbyId),
    environment,
    clock,
    log,
  })
  teardown.add('host', () => host.close())
  host.events.subscribe((event) => {
    records.handle(event)
    metrics.handle(event)
    logHostEvent(log, event)
  })
  await host.restoreLobbies()

  const keepRecording =
    config.recordDirectory === undefined
      ? undefined
      : openRecordings(config.recordDirectory, { clock, log, key: sealKey })
  const mediaAtBegin = isWildcard(bindAddress) ? undefined : bindAddress
  const desk = createReturnDesk({ clock, randomBytes })
  const turn = config.turn && readTurnServers(config.turn, clock)
  let meetings: OpenRendezvous | undefined
  const native = await nativePort({ config, bindAddress: mediaAtBegin, log })
  const gateway = await openBrowserGateway({
    host,
    iceServers: [...config.iceServers, ...(turn?.forHost ?? []), ...stunOfRelays(config.relays)],
    lendIceServers: () => {
      const lent = meetings?.lendTurn()
      return {
        look: () => allIceServers([{ servers: config.iceServers }, turn?.forClient(), lent?.look()]),
        release: () => lent?.release(),
      }
    },
    udp: { port: udpPort, bindAddress: mediaAtBegin },
    viewerProcesses: config.viewerProcesses,
    inlets,
    moonlight: wantsMoonlight(config)
      ? { port: moonlightPorts(config.moonlightPort).udp, bindAddress: mediaAtBegin }
      : undefined,
    log,
    clock,
    nowUs: monotonicUs,
    native,
    desk,
    randomBytes,
    environment,
    ...(keepRecording && { keepRecording }),
  })
  const { certificate, listen, port } = options
  const certificateNow = () => (certificate ? certificateFacts(certificate) : null)
  const door = openNetworkDoor({
    config,
    port,
    udpPort,
    settings: store.settings,
    certificate: certificateNow,
    listen,
    tryMedia: (address) => findUdpPort({ port: udpPort, host: address, anyElse: false }),
    moveMedia: (to) => gateway.moveMedia({ port: udpPort, bindAddress: to === 'as-begun' ? mediaAtBegin : to.address }),
    onMoved: () => rememberLinks(store.settings, links()),
    interfaces: networkInterfaces,
    clock,
    log,
  })
  network = door
  const links = () => pageLinks(config, port, { opened: door.opened })
  const facts = {
    version: serverVersion(),
    dataDirectory: config.dataDirectory,
  }
  const ownAddress = () => partyAddress({ config, links: links(), certificate, local: localUrl(bindAddress, port) })
  const mdns =
    wantsMoonlight(config) || config.parties !== 'off'
      ? await openMdnsHere({ config, bindAddress, clock, random: Math.random, log })
      : undefined
  if (mdns) teardown.add('multicast DNS', () => mdns.close())
  const parties =
    config.parties === 'off'
      ? undefined
      : await openParties({
          dataDirectory: config.dataDirectory,
          serves: config.parties,
          ownAddress,
          mdns,
          keepRecording,
          clock,
          log,
        })
  if (parties) teardown.add('parties', () => parties.close())
  const probings = new ProbingCounts()
  const partyNetwork =
    parties &&
    (await openHostNetwork({
      config,
      settings,
      membership: parties.manager,
      probings,
      clock,
      random: Math.random,
      log,
    }))
  if (partyNetwork) teardown.add('network of the party', () => partyNetwork.close())
  let moonlight: OpenMoonlight | undefined
  const web = openWeb({
    ...options,
    parties,
    partyNetwork,
    partyPage: () => ownAddress().url,
    partyNative: () => nativeLinks(config, native, port)[0],
    moonlight: () => moonlight,
    appTokens,
    network: door,
    host,
    apps: catalogue,
    records,
    metrics,
    hostInfo: () =>
      hostInfo(
        {
          ...facts,
          limits: { ...limits, encoderBudget: machine.budget.capacity / budgetUnit },
          links: [...links()],
          nativeLinks: [...nativeLinks(config, native, port)],
          certificate: certificateNow(),
        },
        {
          ...machine.findings,
          absentLobbies: [...host.absentLobbies.values()],
          lacking: lackOfSpace(config.dataDirectory),
          gateway: meetings?.registration && viewOfGateway(meetings.registration),
        },
      ),
    vitalParts: [
      { name: 'store', isUp: () => store.ownerToken.exists },
      { name: 'media', isUp: () => waitingRooms.pid.value !== undefined },
      { name: 'viewers', isUp: () => gateway.viewerProcess.up === gateway.viewerProcess.processes.length },
    ],
    accept: (socket, member) =>
      gateway.accept({ pipe: websocketPipe(socket, clock), isPlain: socket.protocol === '', member }),
    meet: () => {
      const there = meetings?.desk
      return there && ((socket, from) => there.enter(websocketPipe(socket, clock), from))
    },
    redeemMedia: (ticket) => {
      const grant = gateway.redeemMedia(ticket)
      return grant && { ...grant, take: (socket, ends) => grant.take(websocketPipe(socket, clock), ends) }
    },
    versions: knownSignalling(),
  })
  // Closed before the web, so that the gateway can say goodbye on its sockets.
  teardown.add('web', () => web.close())
  teardown.add('gateway', () => gateway.close())
  if (wantsMoonlight(config)) {
    moonlight = await openMoonlight({
      config,
      bindAddress,
      host,
      gateway,
      devices: web.devices,
      mdns,
      keepRecording,
      clock,
      log,
    })
    teardown.add('Moonlight', async () => moonlight?.close())
  }
  const { viewerProcess } = gateway
  const nativeGateway =
    native &&
    openNative({
      host,
      gateway,
      door: web.keyDoor,
      answer: web.answerChannel,
      desk,
      keepRecording,
      clock,
      log,
    })
  teardown.add('native transport', async () => nativeGateway?.close())
  meetings = native && (await openRendezvous({ config, viewerProcess, keepRecording, clock, log }))
  teardown.add('rendezvous', async () => meetings?.close())
  const gateways = {
    browser: gateway,
    ...(moonlight && { moonlight: moonlight.gateway }),
    ...(nativeGateway && { native: nativeGateway }),
  }
  registerMetrics(metrics, {
    host,
    gateways,
    viewerProcess,
    web,
    limits: options.limits,
    machine,
  })
  if (parties) registerPartyMetrics(metrics, parties.service)
  if (parties) registerProbingMetrics(metrics, probings)
  if (meetings?.registration) registerGatewayMetrics(metrics, meetings.registration)
  return {
    machine,
    host,
    web,
    network: door,
    links,
    nativeLinks: nativeLinks(config, native, port),
    broken: Promise.race([host.closed, gateway.closed, waitingRooms.closed]),
  }
}
