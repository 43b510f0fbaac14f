import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { WebSocket } from 'ws'
import type { Host } from '../../src/host/contract/host.ts'
import { until, Writable } from '../../src/kernel/readable.ts'
import type { Member, InvitedRole } from '../../src/domain/member.ts'
import { openMemoryHost, type MemoryHost } from '../../src/host/memory/memory-host.ts'
import type { KnownVersions } from '../../src/kernel/monitor/known-versions.ts'
import { knownSignalling } from '../../src/wire/signal/versions.ts'
import { ManualClock } from '../../src/kernel/manual-clock.ts'
import { openLog } from '../../src/observe/open-log.ts'
import { openMetrics } from '../../src/observe/open-metrics.ts'
import { openSessionRecords } from '../../src/observe/session-records.ts'
import { AppTokens } from '../../src/server/auth/app-tokens.ts'
import { ConnectionLimits } from '../../src/server/http/connection-limits.ts'
import { openHttpListener } from '../../src/server/http/listener.ts'
import type { TlsCredentials } from '../../src/server/http/tls-termination.ts'
import type { VitalPart } from '../../src/server/http/routes/operator-routes.ts'
import { MoonlightError } from '../../src/gateway/moonlight/contract/moonlight-error.ts'
import { moonlightPorts } from '../../src/server/moonlight/moonlight-ports.ts'
import type { MoonlightDoor } from '../../src/server/moonlight/open-moonlight.ts'
import { openLiveSettings } from '../../src/server/config/live-settings.ts'
import type { Parties } from '../../src/server/party/open-parties.ts'
import { openWeb, type Web } from '../../src/server/open-web.ts'
import { sessionArchive } from '../../src/server/session-archive.ts'
import { openStore, type Store } from '../../src/store/open-store.ts'
import { openSettingRecords } from '../../src/store/setting-records.ts'
import { newToken } from '../../src/store/token.ts'
import { ask, type Answered } from './ask.ts'
import { openMemoryCatalogue } from './memory-catalogue.ts'
import { openScriptedNetwork, type ScriptedNetwork } from './scripted-network.ts'

/** A web port over a real host on memory parts, in virtual time. */
export interface RunningWeb {
  readonly port: number
  readonly host: Host
  readonly parts: MemoryHost['parts']
  readonly store: Store
  readonly clock: ManualClock
  readonly ownerToken: string
  /** Everything that was logged, as JSON lines. */
  readonly logged: string[]
  readonly appTokens: AppTokens
  readonly vitalPart: { up: boolean }
  readonly network: ScriptedNetwork
  /** WebSockets that were handed to the gateway, with whom they belong to. */
  readonly accepted: { readonly socket: WebSocket; readonly member: Member }[]
  /** Media sockets that came in with the ticket `good`. */
  readonly media: WebSocket[]
  readonly web: Web
  openLobby(): Promise<string>
  /** The token of a new invitation that is good for an hour; it opens the lobby as it is, and can be redeemed. */
  invite(lobbyId: string, role: InvitedRole): string
  /** Somebody who came by an invitation of their own, with their own token. */
  guest(lobbyId: string, role: InvitedRole, name?: string): { readonly id: string; readonly token: string }
  api(
    method: string,
    path: string,
    options?: { token?: string | undefined; body?: unknown; headers?: Readonly<Record<string, string>> },
  ): Promise<Answered>
  close(): Promise<void>
}

/** Opens it on a free port; it closes with the test. */
export async function openRunningWeb(
  t: TestContext,
  options: {
    allowedOrigins?: readonly string[]
    pageDirectory?: string
    limits?: ConnectionLimits
    /** Speaks HTTPS too. */
    credentials?: TlsCredentials
    /** Left out, those of this house. */
    versions?: KnownVersions
    /** Undefined where there are none, as when left out. */
    parties?: Parties | undefined
  } = {},
): Promise<RunningWeb> {
  const { allowedOrigins = [], limits = new ConnectionLimits(), pageDirectory = emptyDirectory(t) } = options
  const { credentials, versions = knownSignalling() } = options
  const logged: string[] = []
  const log = openLog({ level: 'debug', destination: { write: (line) => logged.push(line) } })
  const clock = new ManualClock()
  const store = openStore(':memory:', clock)
  const apps = await openMemoryCatalogue({ records: store.apps, file: join(pageDirectory, 'apps.toml'), clock, log })
  const memory = await openMemoryHost({ log, clock, apps: apps.apps })
  const { host, parts } = memory
  const ownerToken = store.ownerToken.replace()
  const titleOf = (lobbyId: string) => host.lobbies.get(lobbyId)?.settings.value.title ?? lobbyId
  const records = openSessionRecords({ archive: sessionArchive(store.sessions), titleOf, clock, log })
  const metrics = openMetrics({ log, clock })
  host.events.subscribe((event) => records.handle(event))
  const appTokens = new AppTokens('http://127.0.0.1/api/v1')
  const vitalPart = { up: true }
  const vitalParts: VitalPart[] = [{ name: 'store', isUp: () => vitalPart.up }]
  const accepted: RunningWeb['accepted'] = []
  const media: WebSocket[] = []
  const holder: Member = { id: 'holder', name: 'Holder', role: 'viewer', lobbies: 'all' }
  const settings = openLiveSettings({
    records: openSettingRecords(':memory:', { clock, log }),
    layers: { flags: { port: '9000' }, environment: {}, kept: new Map() },
    clock,
    log,
  })
  const network = openScriptedNetwork({ settings: store.settings, clock, log })
  const pairings = ['waiting', 'refused'].map((id) => ({ id, address: '192.0.2.7', sinceMs: 0 }))
  const take = (id: string) => {
    const index = pairings.findIndex((pairing) => pairing.id === id)
    if (index < 0) throw new MoonlightError('pairing-not-found', 'Cannot pair: the client waits no longer')
    pairings.splice(index, 1)
  }
  const moonlight: MoonlightDoor = {
    ports: moonlightPorts(47_989),
    gateway: { pairings, typePin: take, refusePairing: take },
    announced: { name: 'house', addresses: ['192.0.2.1'] },
  }
  const web = openWeb({
    parties: options.parties,
    partyPage: () => 'http://127.0.0.1',
    config: { host: '127.0.0.1', allowedOrigins, tls: { kind: credentials ? 'own' : 'off' } },
    pageDirectory,
    store,
    settings,
    host,
    apps,
    records,
    metrics,
    hostInfo: () => ({
      version: '0.0.0',
      links: [],
      nativeLinks: [],
      gateway: null,
      certificate: null,
      dataDirectory: '/data',
      limits: { lobbies: 16, sessions: 128, idleMs: 60_000, encoderBudget: 2 },
      encoders: [],
      missing: [],
    }),
    vitalParts,
    moonlight: () => moonlight,
    network: network.door,
    limits,
    appTokens,
    accept: (socket, member) => accepted.push({ socket, member }),
    meet: () => undefined,
    redeemMedia: (ticket) => (ticket === 'good' ? { member: holder, take: (socket) => media.push(socket) } : undefined),
    versions,
    clock,
    log,
  })
  const listener = await openHttpListener({
    port: 0,
    host: '127.0.0.1',
    limits,
    ...web,
    ...(credentials && { credentials: new Writable(credentials) }),
  })
  const { port } = listener.address

  let closing: Promise<void> | undefined
  const close = () =>
    (closing ??= (async () => {
      await web.close()
      await network.door.close()
      await listener.close()
      await memory[Symbol.asyncDispose]()
      apps[Symbol.dispose]()
      metrics.close()
      records.close()
      settings[Symbol.dispose]()
      store.close()
    })())
  t.after(close)
  return {
    web,
    port,
    host,
    parts,
    store,
    clock,
    ownerToken,
    logged,
    appTokens,
    vitalPart,
    network,
    accepted,
    media,
    close,
    openLobby: async () => {
      const lobby = await host.createLobby({ appId: 'memory' })
      await until(lobby.status, ({ status }) => status === 'running')
      return lobby.id
    },
    invite: (lobbyId, role) => store.invitations.create({ lobbyId, role, expiresInMs: 3600_000 }).token,
    guest(lobbyId, role, name = 'Ada') {
      const { invitation } = store.invitations.create({ lobbyId, role, expiresInMs: 3600_000, maxUses: 1 })
      const redeemed = store.guests.redeem({ invitationId: invitation.id, claim: newToken(), name })
      if (!redeemed.ok) throw new Error(`The invitation was refused: ${redeemed.reason}`)
      return { id: redeemed.guest.id, token: redeemed.token }
    },
    api: (method, path, { token, body, headers } = {}) =>
      ask(port, {
        method,
        path,
        headers: {
          ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
          ...headers,
        },
        body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
      }),
  }
}

function emptyDirectory(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'porchlight-page-'))
  t.after(() => rmSync(path, { recursive: true }))
  return path
}
