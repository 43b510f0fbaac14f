import type { AddressInfo } from 'node:net'
import type { Clock } from '../kernel/clock.ts'
import { openBasePaths } from './http/base-paths.ts'
import { adoptOrphans } from './adopt-orphans.ts'
import { messageOf } from '../kernel/coded-error.ts'
import { Ending, type Closable } from '../kernel/ending.ts'
import { fullDiskOf } from '../kernel/full-disk.ts'
import type { Log } from '../kernel/log.ts'
import { endLeftProcesses } from '../host/end-left-processes.ts'
import { builtPage } from './built-page.ts'
import type { Environment, ServerConfig } from './config/config.ts'
import type { LogLevel } from './config/config-options.ts'
import { openSettingRecords } from '../store/setting-records.ts'
import { openLiveSettings } from './config/live-settings.ts'
import { openDataDirectory, settingsFile } from './files/data-directory.ts'
import { chooseFirstApp, openFirstLobby } from './first-lobby.ts'
import { openHostService } from './host-service.ts'
import { ConnectionLimits } from './http/connection-limits.ts'
import { httpsOnly } from './http/https-only.ts'
import { openHttpListener } from './http/listener.ts'
import { Turnstile } from '../http/turnstile.ts'
import type { Web } from './open-web.ts'
import { leaveLocalAccess, localUrl } from './local-access.ts'
import { hostIdentity } from './occupancy/host-identity.ts'
import { describeHolder, type Holder } from './occupancy/holder.ts'
import { localLocks, reachOfLocks } from './occupancy/lock-reach.ts'
import { occupy } from './occupancy/occupy.ts'
import { directoryIdentityOf } from './occupancy/directory-identity.ts'
import { rememberLinks } from './owner-links.ts'
import { openRunDirectory } from './run-directory.ts'
import { ServerError } from './contract/server-error.ts'
import type { ServerFacts } from './server-facts.ts'
import { newToken } from '../store/token.ts'
import { Teardown } from './teardown.ts'
import { openCertificate } from './tls/open-certificate.ts'
import { findUdpPort } from './udp-port.ts'

/** A Porchlight that is on. */
export interface Server extends Closable {
  /** Where the web port is bound. */
  readonly address: AddressInfo
  readonly udpPort: number
  /** Addresses of the page, the one to hand on first. */
  readonly links: readonly string[]
  /** Links of the native transport, likewise; none where it is not served. */
  readonly nativeLinks: readonly string[]
  /** The owner token if it was made by this start; nobody can tell it later. */
  readonly ownerToken: string | undefined
  /**
   * Of the certificate of links by HTTPS, where nobody but this host vouches for it: people compare it with what their browser
   * shows. SHA-256, `AB:CD:...`.
   */
  readonly fingerprint: string | undefined
  /** What is known once the encoders were tried and the first lobby was opened. Never rejects. */
  readonly ready: Promise<ServerFacts>
  /** Parts that did not close in time; complete when `close` has resolved. */
  readonly stuck: readonly string[]
}

export interface ServerOptions {
  readonly config: ServerConfig
  readonly environment: Environment
  /** Replaces the owner token, also when there is one. */
  readonly newOwnerToken: boolean
  /** Where the built page is; `dist/web` of this installation when left out. */
  readonly pageDirectory?: string
  /** The level that the log is to have; undefined where nobody has said so. */
  readonly onLogLevel?: (level: LogLevel | undefined) => void
  readonly clock: Clock
  readonly log: Log
}

const forgetInvitationsMs = 30 * 24 * 3600_000

/**
 * Turns Porchlight on: resolves when the page can be opened; its app may still be starting then. Rejects, with nothing
 * left open, with a ServerError, StoreError, MediaError or BrowserGatewayError.
 */
export async function openServer(options: ServerOptions): Promise<Server> {
  const teardown = new Teardown(options.clock, options.log)
  try {
    return await open(options, teardown)
  } catch (error) {
    await teardown.run()
    const full = fullDiskOf(error)
    if (!full) throw error
    const place = full.place ?? options.config.dataDirectory
    const message = `Cannot start: ${messageOf(error)}. Make room on the disk of ${place}, or choose another directory with --data.`
    throw new ServerError('disk-full', message, { cause: error })
  }
}

async function open(options: ServerOptions, teardown: Teardown): Promise<Server> {
  const { config, environment, clock, log, pageDirectory = builtPage } = options
  // Before anything of another server is touched.
  const occupancy = occupy(config.dataDirectory, clock)
  teardown.add('data directory', () => occupancy[Symbol.dispose]())
  const store = openDataDirectory(config.dataDirectory, clock, 'migrate')
  teardown.add('store', () => store.close())
  for (const each of config.unusable) log.warn(`${each}. What is usual is used`)
  const records = openSettingRecords(settingsFile(config.dataDirectory), { clock, log })
  const settings = openLiveSettings({ records, layers: config.layers, clock, log })
  teardown.add('settings', () => settings[Symbol.dispose]())
  settings.readable('logLevel').subscribe((level) => options.onLogLevel?.(level))
  const { id: hostId, isCopy } = hostIdentity(store.settings, directoryIdentityOf(config.dataDirectory))
  logBeginning({ ...occupancy, isCopy }, log)
  await endLeftProcesses({ hostId, clock, log })
  const orphans = await adoptOrphans({ clock }).catch((error: unknown) =>
    log.debug('What apps leave behind is left to the machine', { error: messageOf(error) }),
  )
  if (orphans) teardown.add('orphans', async () => orphans[Symbol.asyncDispose]())
  if (reachOfLocks(config.dataDirectory) === 'machine') log.warn(localLocks, { dataDirectory: config.dataDirectory })
  store.invitations.forgetExpired(forgetInvitationsMs)
  store.devices.forgetOrphans(store.ownerToken.memberId)

  const certificate = await openCertificate(options)
  if (certificate) teardown.add('certificate', () => certificate.close())

  // The port comes first: when another server has it, nothing else is begun. Requests wait until there is a host behind it.
  const limits = new ConnectionLimits()
  const basePaths = openBasePaths(config.publicAddresses)
  const served = Promise.withResolvers<Web>()
  let placeOf: Web['placeOf'] = () => undefined
  const serving: Pick<Web, 'onRequest' | 'onUpgrade'> = {
    onRequest: (request, response) => {
      if (basePaths.redirect(request, response)) return
      basePaths.strip(request)
      void served.promise.then((web) => web.onRequest(request, response))
    },
    onUpgrade: (request, ...upgrade) => {
      basePaths.strip(request)
      void served.promise.then((web) => web.onUpgrade(request, ...upgrade))
    },
  }
  const common = {
    limits,
    turnstile: new Turnstile(),
    ...(certificate && { credentials: certificate.current }),
    placeOf: (token: string) => placeOf(token),
  }
  const listener = await openHttpListener({ ...config, ...common, ...serving })
  teardown.add('web port', () => listener.close())
  const { address: bindAddress, port } = listener.address
  const udpPort = await findUdpPort({
    port: config.udpPort ?? port,
    host: bindAddress,
    anyElse: config.port === 0 && config.udpPort === undefined,
  })
  const xdgRuntimeDirectory = environment['XDG_RUNTIME_DIR']
  const run = openRunDirectory(config.runDirectory, { hostId, xdgRuntimeDirectory })
  teardown.add('run directory', () => run[Symbol.dispose]())

  const localToken = newToken()
  const { machine, host, web, network, links, nativeLinks, broken } = await openHostService(
    {
      config,
      environment,
      store,
      settings,
      hostId,
      run,
      bindAddress,
      port,
      udpPort,
      listen: (address) => openHttpListener({ port, host: address, ...common, ...httpsOnly(serving) }),
      certificate,
      localToken,
      limits,
      pageDirectory,
      clock,
      log,
    },
    teardown,
  )
  const firstApp = config.openLobby ? chooseFirstApp(machine.findings.apps, config.appId) : undefined
  await network.restore()
  // Nothing can fail from here on, so that a token that was replaced is told for sure.
  rememberLinks(store.settings, links())
  const ownerToken = options.newOwnerToken || !store.ownerToken.exists ? store.ownerToken.replace() : undefined
  placeOf = web.placeOf
  served.resolve(web)
  const access = leaveLocalAccess(config.dataDirectory, { url: localUrl(bindAddress, port), token: localToken })
  teardown.add('local access', () => access[Symbol.dispose]())
  occupancy.tell(localUrl(bindAddress, port))

  const stopping = new AbortController()
  let stuck: readonly string[] = []
  const ending = new Ending(async () => {
    stopping.abort()
    stuck = await teardown.run()
  })
  void Promise.race([broken, listener.closed]).then((end) => ending.end(end))
  const { size, dataDirectory } = config
  const first = { host, machine, app: firstApp, size, dataDirectory }
  const ready = openFirstLobby({ ...first, clock, log, signal: stopping.signal })
  return {
    address: listener.address,
    udpPort,
    links: links(),
    nativeLinks,
    ownerToken,
    fingerprint:
      certificate?.isOwn === true && hasOwnHttps(config, links()) ? certificate.current.value.fingerprint : undefined,
    ready,
    get stuck() {
      return stuck
    },
    closed: ending.closed,
    close: (reason) => ending.close(reason),
    [Symbol.asyncDispose]: () => ending.close(),
  }
}

function logBeginning({ former, isCopy }: { former: Holder | undefined; isCopy: boolean }, log: Log): void {
  if (isCopy) log.info('These data are a copy, or were moved: what the server of the original runs is left alone')
  else if (former) log.info(`What is left here of ${describeHolder(former)}, which did not end in order, is ended`)
}

/** Whether a link leads to this server's own HTTPS, and not to that of a proxy. */
function hasOwnHttps({ allowedOrigins }: ServerConfig, links: readonly string[]): boolean {
  return links.some((link) => link.startsWith('https:') && !allowedOrigins.includes(new URL(link).origin))
}
