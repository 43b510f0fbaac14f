import { randomBytes } from 'node:crypto'
import type { RequestListener } from 'node:http'
import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import type { Clock } from '../kernel/clock.ts'
import { Ending, type Closable } from '../kernel/ending.ts'
import type { Log } from '../kernel/log.ts'
import type { KnownVersions } from '../kernel/monitor/known-versions.ts'
import type { Host } from '../host/contract/host.ts'
import type { Member } from '../domain/member.ts'
import type { Metrics } from '../observe/metrics.ts'
import type { SessionRecords } from '../observe/session-records.ts'
import type { Store } from '../store/open-store.ts'
import type { HostInfo } from '../wire/api/resources.ts'
import type { AppCatalogue } from './apps/app-catalogue.ts'
import { AllowedHosts } from './auth/allowed-hosts.ts'
import type { AppTokens } from './auth/app-tokens.ts'
import { Arrivals } from './auth/arrivals.ts'
import { Departures } from './auth/departures.ts'
import { openDoorkeeper, type Door } from './auth/open-doorkeeper.ts'
import { PartySource } from './auth/party-source.ts'
import { PairedDevices, type DeviceDoor } from './auth/paired-devices.ts'
import { Attempts } from './auth/attempts.ts'
import { HandOvers } from './auth/hand-overs.ts'
import { OpenLobbies } from './auth/open-lobbies.ts'
import { LiveConnections } from './auth/live-connections.ts'
import { RedemptionLimits } from './auth/redemption-limits.ts'
import { Redemptions } from './auth/redemptions.ts'
import { WrongTokens } from './auth/wrong-tokens.ts'
import { Shares } from './http/shares.ts'
import type { ServerConfig } from './config/config.ts'
import type { LiveSettings } from './config/live-settings.ts'
import type { KeyDoor } from '../gateway/native/contract/key-door.ts'
import { channelRequests } from './native/channel-requests.ts'
import { KeyAdmissions } from './native/key-admissions.ts'
import type { MoonlightDoor } from './moonlight/open-moonlight.ts'
import type { NetworkDoor } from './network/network-door.ts'
import type { Parties } from './party/open-parties.ts'
import type { HostNetwork } from './party/host-network.ts'
import { HostParty } from './party/host-party.ts'
import { PartyChanges } from './party/party-changes.ts'
import { openLobbyShows } from './party/lobby-shows.ts'
import { openPartyDoor } from './party/party-door.ts'
import { PartyRights } from './party/party-rights.ts'
import { PeerLooks } from './party/peer-looks.ts'
import type { ConnectionLimits } from './http/connection-limits.ts'
import { EventFeed } from './http/event-feed.ts'
import { Gate } from './http/gate.ts'
import { ProvedKeys } from './http/proved-keys.ts'
import { IdempotencyKeys } from './http/idempotency-keys.ts'
import type { UpgradeListener } from './http/pace-requests.ts'
import { doorstepRoutes } from './http/routes/doorstep-routes.ts'
import { invitationRoutes } from './http/routes/invitation-routes.ts'
import { appIconRoutes } from './http/routes/app-icon-routes.ts'
import { appRoutes } from './http/routes/app-routes.ts'
import { lobbyRoutes } from './http/routes/lobby-routes.ts'
import { outputRoutes } from './http/routes/output-routes.ts'
import { deviceRoutes } from './http/routes/device-routes.ts'
import { memberRoutes } from './http/routes/member-routes.ts'
import { handOverRoute, redeemHandOverRoute } from './http/routes/hand-over-routes.ts'
import { moonlightRoutes } from './http/routes/moonlight-routes.ts'
import { networkRoutes } from './http/routes/network-routes.ts'
import { partyNetworkRoutes } from './http/routes/party-network-routes.ts'
import { partyRoutes } from './http/routes/party-routes.ts'
import { healthRoute, metricsRoute, type VitalPart } from './http/routes/operator-routes.ts'
import { ownRoutes } from './http/routes/own-routes.ts'
import { recordRoutes } from './http/routes/record-routes.ts'
import { askerRoutes } from './http/routes/asker-routes.ts'
import { seatRoutes } from './http/routes/seat-routes.ts'
import { sessionRoutes } from './http/routes/session-routes.ts'
import type { MeetAtRendezvous } from './http/rendezvous-door.ts'
import { settingRoutes } from './http/routes/setting-routes.ts'
import type { RedeemMedia } from './http/media-door.ts'
import { openSignalDoor, signalRoute } from './http/signal-door.ts'
import { StaticFiles } from './http/static-files.ts'
import { createWebApp, type WebApp } from './web-app.ts'

/** What the web port serves: page, API, signalling. */
export interface Web extends Closable {
  readonly onRequest: RequestListener
  /** What the router has. */
  readonly routes: WebApp['routes']
  readonly onUpgrade: UpgradeListener
  /** For gateways whose clients are devices. */
  readonly devices: DeviceDoor
  /** For clients that prove themselves by a key. */
  readonly keyDoor: KeyDoor
  /** Answers requests on a stream of a channel, by whom its key is. */
  readonly answerChannel: (stream: Duplex, publicKey: Uint8Array) => void
  /** Whose a token is, as far as it decides about the order of requests. May throw a StoreError. */
  readonly placeOf: Door['placeOf']
  /** Event streams that are open now. */
  readonly eventStreams: number
  /** Signalling WebSockets that are open now. */
  readonly sockets: number
  /** Tokens that were no good, since the start. */
  readonly wrongTokens: number
}

/** Wires the page, the API and the signalling to a host. Closing it ends every WebSocket and event stream. */
export function openWeb(options: {
  config: Pick<ServerConfig, 'host' | 'allowedOrigins' | 'tls'>
  /** Where the built page is. */
  pageDirectory: string
  store: Store
  settings: LiveSettings
  host: Host
  apps: AppCatalogue
  records: SessionRecords
  metrics: Metrics
  hostInfo: () => HostInfo
  vitalParts: readonly VitalPart[]
  /** The way in for Moonlight's clients, once it is open. */
  moonlight: () => MoonlightDoor | undefined
  network: Pick<NetworkDoor, 'view' | 'change' | 'opened'>
  /** Undefined where parties are turned off. */
  parties: Parties | undefined
  /** Undefined where parties are turned off. */
  partyNetwork?: HostNetwork | undefined
  /** Where other members of the party find this host's page. */
  partyPage: () => string
  /** Where they find its native transport, without a token; undefined where it has none. */
  partyNative?: () => string | undefined
  limits: ConnectionLimits
  appTokens: AppTokens
  /** As good as the owner's; undefined where there is none. */
  localToken?: string
  /** The gateway: takes over a WebSocket that may come in. */
  accept: (socket: WebSocket, member: Member) => void
  /** Takes the ticket of a media socket. */
  redeemMedia: RedeemMedia
  /** Takes over the socket of who looks for a path to the native transport. */
  meet: () => MeetAtRendezvous
  /** Those of signalling that clients may have. */
  versions: Pick<KnownVersions, 'judge'>
  clock: Clock
  log: Log
}): Web {
  const { config, store, settings, host, apps, records, metrics, network, limits, clock, log } = options
  const { host: bindHost, allowedOrigins } = config
  const speaksTls = config.tls.kind !== 'off'
  const { parties } = options
  const rights = new PartyRights(store.settings)
  const partyMembers =
    parties && new PartySource({ peers: () => parties.manager.peers(), permissionOf: (peerId) => rights.of(peerId) })
  const { doorkeeper, links, placeOf } = openDoorkeeper({ ...options, apps: options.appTokens, party: partyMembers })
  const devices = new PairedDevices({ devices: store.devices, doorkeeper })
  const redemptions = new Redemptions(store)
  const redemptionLimits = new RedemptionLimits(clock)
  const { invitations } = store
  const keyDoor = new KeyAdmissions({ devices, doorkeeper, invitations, redemptions, limits: redemptionLimits, clock })
  const connections = new LiveConnections()
  const shares = new Shares()
  const name = randomBytes(6).toString('hex')
  const feed = new EventFeed({ host, apps, records, connections, shares, settings, clock, name })
  const onScope = (member: Member) => feed.changeScope(member)
  const departures = new Departures({ doorkeeper, connections, host, onScope, clock, log })
  const openLobbies = new OpenLobbies({ host, guests: store.guests, departures })
  const keys = new IdempotencyKeys(clock)
  const hosts = new AllowedHosts({ bindHost, allowedOrigins, isOpen: () => network.opened.length > 0 })
  const wrongTokens = new WrongTokens({ clock, log })
  const attempts = new Attempts(clock)
  const provedKeys = new ProvedKeys()
  const gate = new Gate({ provedKeys, hosts, doorkeeper, links, attempts, wrongTokens, limits, connections, shares })
  const handOvers = new HandOvers({ devices, clock })
  const handOver = { handOvers, gate, epochMs: () => clock.epochMs() }
  const { partyNetwork } = options
  let changes: PartyChanges | undefined
  const party =
    parties &&
    new HostParty({
      manager: parties.manager,
      rights,
      host,
      page: options.partyPage,
      native: options.partyNative ?? (() => undefined),
      issue: (peerId) => partyMembers?.issue(peerId),
      onChange: () => {
        // Who has left, or may not any more, is out at once.
        void departures.check()
        changes?.touch()
      },
      clock,
      log,
    })
  changes =
    party &&
    new PartyChanges({
      view: () => party.view(),
      network: partyNetwork && (() => partyNetwork.view()),
      isHeard: () => feed.isHeardOfParties,
      tell: (change) => feed.tellOfParty(change),
      clock,
      log,
    })
  partyNetwork?.showLobbies(openLobbyShows({ host, rights, clock }))
  const looks = partyNetwork && new PeerLooks({ look: (peerId, lobby) => partyNetwork.look(peerId, lobby), clock })
  const unwatch = partyNetwork?.onChange(() => changes?.touch())
  const partyDoor = parties && openPartyDoor({ service: parties.service, limits, clock, log })
  const door = openSignalDoor({
    gate,
    parties: partyDoor?.onUpgrade,
    connections,
    shares,
    arrivals: new Arrivals(clock),
    accept: options.accept,
    redeemMedia: options.redeemMedia,
    meet: options.meet,
    versions: options.versions,
    clock,
    log,
  })

  const { onRequest, routes } = createWebApp({
    gate,
    shares,
    parties: parties?.service.answer,
    files: new StaticFiles(options.pageDirectory, clock),
    routes: {
      open: [healthRoute(options.vitalParts), redeemHandOverRoute(handOver)],
      doorstep: doorstepRoutes({ host, redemptions, limits: redemptionLimits }),
      guarded: [metricsRoute(metrics)],
      api: [
        ...ownRoutes({ hostInfo: options.hostInfo, layouts: host.layouts, allowedOrigins, speaksTls, feed }),
        ...partyRoutes({ party, looks }),
        ...partyNetworkRoutes({ network: partyNetwork }),
        ...networkRoutes({ network, allowedOrigins, log }),
        ...settingRoutes({ settings, allowedOrigins }),
        ...moonlightRoutes({ moonlight: options.moonlight }),
        ...appRoutes({ apps, keys }),
        ...appIconRoutes({ apps, host }),
        ...lobbyRoutes({ host, keys }),
        ...outputRoutes(host),
        ...seatRoutes({ host }),
        ...askerRoutes({ host }),
        ...sessionRoutes({ host, records, openLobbies, clock }),
        ...recordRoutes({ records }),
        ...invitationRoutes({ host, invitations: store.invitations, departures, keys }),
        handOverRoute(handOver),
        ...deviceRoutes({ host, devices: store.devices, doorkeeper, departures }),
        ...memberRoutes({ host, guests: store.guests, departures, openLobbies }),
        signalRoute(),
      ],
    },
    log,
  })

  const ending = new Ending(async () => {
    unwatch?.()
    changes?.[Symbol.dispose]()
    party?.[Symbol.dispose]()
    departures[Symbol.dispose]()
    feed[Symbol.dispose]()
    keys[Symbol.dispose]()
    wrongTokens[Symbol.dispose]()
    partyDoor?.close()
    await door.close()
  })
  return {
    onRequest,
    routes,
    onUpgrade: door.onUpgrade,
    devices,
    keyDoor,
    answerChannel: channelRequests({ onRequest, limits, provedKeys }),
    placeOf,
    get eventStreams() {
      return feed.size
    },
    get sockets() {
      return door.size
    },
    get wrongTokens() {
      return wrongTokens.total
    },
    closed: ending.closed,
    close: (reason) => ending.close(reason),
    [Symbol.asyncDispose]: () => ending.close(),
  }
}
