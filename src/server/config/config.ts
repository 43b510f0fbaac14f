import { availableParallelism, homedir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'
import * as v from 'valibot'
import type { Size } from '../../domain/size.ts'
import type { AppUserChoice } from '../../host/run/runners.ts'
import type { PathPolicy } from '../../net/paths/path-policy.ts'
import { defaultLimits } from '../../host/host-options.ts'
import type { IceServer } from '../../wire/signal/messages.ts'
import { configOptions, mostViewerProcesses, type ConfigOption, type LogLevel } from './config-options.ts'
import type { RelayPlace } from './config-relays.ts'
import { ServerError } from '../contract/server-error.ts'

/** What the web port speaks beside plain HTTP. */
export type TlsChoice =
  | { readonly kind: 'off' }
  /** With a certificate that the host makes. */
  | { readonly kind: 'own' }
  /** With one that somebody else renews; both paths are absolute. */
  | { readonly kind: 'files'; readonly certificateFile: string; readonly keyFile: string }

/** How a server runs, after defaults, environment and flags were put together. */
export interface ServerConfig {
  /** TCP port of page, API and signalling; 0 lets the system choose. */
  readonly port: number
  /** UDP port of all media; undefined means the number that the web port got. */
  readonly udpPort: number | undefined
  /** How many viewer processes there are; each has a UDP port, one number after the other. */
  readonly viewerProcesses: number
  /** Address or name that both are bound to. */
  readonly host: string
  /** Whether somebody has said so; else the owner may let the network in while it runs. */
  readonly hostIsGiven: boolean
  /** Absolute. Holds what must outlive a restart. */
  readonly dataDirectory: string
  /** Absolute, or undefined for a fresh private directory that is removed at the end. */
  readonly runDirectory: string | undefined
  /** Where a container engine listens; undefined is DOCKER_HOST, or the first that is found. */
  readonly containerEngine: string | undefined
  /** Who apps are where this runs as root: users of their own, or root. */
  readonly appUser: AppUserChoice
  /** Absolute. Where recordings of signalling and of Moonlight are kept; undefined records nothing. */
  readonly recordDirectory: string | undefined
  readonly iceServers: readonly IceServer[]
  /** Origins beside the server's own whose pages may use the API, `https://play.example.org` for instance. */
  readonly allowedOrigins: readonly string[]
  /** Addresses of the page there, those of folders with them: `https://example.org/play` for instance. */
  readonly publicAddresses: readonly string[]
  readonly tls: TlsChoice
  /** Undefined leaves it to whoever opens the log. */
  readonly logLevel: LogLevel | undefined
  /** App of the lobby that is opened at start; undefined chooses the best one that can run here. */
  readonly appId: string | undefined
  readonly size: Size
  /** How many lobbies there can be at once. */
  readonly lobbies: number
  /** How much may be encoded at once for who wishes a size, in 1280x720 at 60 pictures a second; undefined is by a table. */
  readonly encoderBudget: number | undefined
  /** Whether Moonlight's clients are let in; `auto`: where the web port is there for more than this machine. */
  readonly moonlight: 'on' | 'off' | 'auto'
  /** The first of their ports. */
  readonly moonlightPort: number
  /** Whether the native transport is served; `auto`: as {@link moonlight}. */
  readonly native: 'on' | 'off' | 'auto'
  /** Its UDP port. */
  readonly nativePort: number
  /** Which paths its sessions take. */
  readonly pathPolicy: PathPolicy
  /** Relays that its sessions may take, the best first. */
  readonly relays: readonly RelayPlace[]
  /** Absolute. The key that signs leases of relays; undefined is the host's own. */
  readonly relayIssuerKey: string | undefined
  /** Whether ways in are announced on the own network. */
  readonly mdns: boolean
  /** Whether a lobby is opened at start. */
  readonly openLobby: boolean
}

/** Flags as `util.parseArgs` returns them for the options of {@link configFlags}. */
export type FlagValues = Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>

/** Environment variables; an empty one counts as not set. */
export type Environment = Readonly<Record<string, string | undefined>>

/**
 * Puts a configuration together: defaults, then environment, then flags. Throws ServerError `invalid-config` naming the
 * flag or variable, what came and what was wanted.
 */
export function readConfig(flags: FlagValues, environment: Environment, directory: string): ServerConfig {
  const read = <T>(option: ConfigOption<T>): T | undefined => {
    const flag = flags[option.flag]
    if (flag !== undefined) return parse(option, `--${option.flag}`, flag)
    const variable = environment[option.variable]
    if (variable !== undefined && variable !== '') return parse(option, option.variable, variable)
    return undefined
  }
  const absolute = (path: string) => (isAbsolute(path) ? path : resolve(directory, path))
  const certificateFile = read(configOptions.tlsCertificate)
  const keyFile = read(configOptions.tlsKey)
  const publicAddresses = read(configOptions.origins) ?? []
  const host = read(configOptions.host)
  const viewerProcesses = read(configOptions.viewerProcesses)
  const runDirectory = read(configOptions.runDirectory)
  const recordDirectory = read(configOptions.record)
  const relayIssuerKey = read(configOptions.relayIssuerKey)
  return {
    port: read(configOptions.port) ?? 8080,
    udpPort: read(configOptions.udpPort),
    viewerProcesses: viewerProcesses === 'auto' ? spareCores() : (viewerProcesses ?? 1),
    host: host ?? '127.0.0.1',
    hostIsGiven: host !== undefined,
    dataDirectory: absolute(read(configOptions.data) ?? defaultDataDirectory(environment)),
    runDirectory: runDirectory === undefined ? undefined : absolute(runDirectory),
    containerEngine: read(configOptions.containerEngine),
    appUser: read(configOptions.appUser) ?? 'own',
    recordDirectory: recordDirectory === undefined ? undefined : absolute(recordDirectory),
    iceServers: read(configOptions.iceServers) ?? [],
    allowedOrigins: [...new Set(publicAddresses.map((address) => new URL(address).origin))],
    publicAddresses,
    tls: read(configOptions.noTls)
      ? { kind: 'off' }
      : tlsOf(certificateFile && absolute(certificateFile), keyFile && absolute(keyFile)),
    logLevel: read(configOptions.logLevel),
    appId: read(configOptions.app),
    size: read(configOptions.size) ?? { width: 1280, height: 720 },
    lobbies: read(configOptions.lobbies) ?? defaultLimits.lobbies,
    encoderBudget: read(configOptions.encoderBudget),
    moonlight: read(configOptions.moonlight) ?? 'auto',
    moonlightPort: read(configOptions.moonlightPort) ?? 47_989,
    native: read(configOptions.native) ?? 'auto',
    nativePort: read(configOptions.nativePort) ?? 47_900,
    pathPolicy: read(configOptions.pathPolicy) ?? 'prefer-direct',
    relays: read(configOptions.relays) ?? [],
    relayIssuerKey: relayIssuerKey === undefined ? undefined : absolute(relayIssuerKey),
    mdns: !(read(configOptions.noMdns) ?? false),
    openLobby: !(read(configOptions.noLobby) ?? false),
  }
}

/** Beside one for the server and one for what captures and encodes. */
function spareCores(): number {
  return Math.min(mostViewerProcesses, Math.max(1, availableParallelism() - 2))
}

function tlsOf(certificateFile: string | undefined, keyFile: string | undefined): TlsChoice {
  if (certificateFile !== undefined && keyFile !== undefined) return { kind: 'files', certificateFile, keyFile }
  if (certificateFile === undefined && keyFile === undefined) return { kind: 'own' }
  const [given, missing] = certificateFile === undefined ? ['key', 'cert'] : ['cert', 'key']
  throw new ServerError('invalid-config', `Cannot use --tls-${given} alone: wanted --tls-${missing} with it`)
}

function defaultDataDirectory(environment: Environment): string {
  const dataHome = environment['XDG_DATA_HOME']
  // The XDG base directory specification says that relative paths are to be ignored.
  const base = dataHome && isAbsolute(dataHome) ? dataHome : join(environment['HOME'] || homedir(), '.local', 'share')
  return join(base, 'porchlight')
}

function parse<T>(option: ConfigOption<T>, name: string, given: unknown): T {
  const result = v.safeParse(option.schema, given)
  if (result.success) return result.output
  throw new ServerError('invalid-config', `Cannot use ${name}: got ${show(option, given)}, wanted ${option.wanted}`)
}

/** What came, for a message; a value that may hold a credential is not repeated. */
function show(option: ConfigOption<unknown>, given: unknown): string {
  if (option.secret) return 'something else'
  const shown = JSON.stringify(given)
  return shown.length > 100 ? `${shown.slice(0, 100)}...` : shown
}
