import { availableParallelism, homedir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'
import type { Size } from '../../domain/size.ts'
import type { AppUserChoice } from '../../host/run/runners.ts'
import type { PathPolicy } from '../../net/paths/path-policy.ts'
import type { IceServer } from '../../wire/signal/messages.ts'
import type { KeptSettings } from '../../store/setting-records.ts'
import { ServerError } from '../contract/server-error.ts'
import type { ConfigOption } from './config-option.ts'
import { readPortRanges, type PortRange } from '../../party/broadcast/game-ports.ts'
import type { MeshMode } from '../../party/mesh/mesh-mode.ts'
import type { PortShare } from '../../party/share/port-shares.ts'
import type { OpenedPort } from '../../party/share/shared-ports.ts'
import type { RelayPlace } from './config-relays.ts'
import { configOptions, mostViewerProcesses, type LogLevel } from './config-options.ts'
import { settingOf, type Environment, type FlagValues, type HeldSetting, type SettingLayers } from './setting-layers.ts'

export type { Environment } from './setting-layers.ts'

/** What the web port speaks beside plain HTTP. */
export type TlsChoice =
  | { readonly kind: 'off' }
  /** With a certificate that the host makes. */
  | { readonly kind: 'own' }
  /** With one that somebody else renews; both paths are absolute. */
  | { readonly kind: 'files'; readonly certificateFile: string; readonly keyFile: string }

/** Whose parties a host is the control plane of: those that it makes itself, or everybody's; `off` knows of no parties at all. */
export type PartiesChoice = 'own' | 'all' | 'off'

/** How a server runs, after defaults, environment and flags were put together. */
export interface ServerConfig {
  /** What it was put together from. */
  readonly layers: SettingLayers
  /** What the database says and what is not used, each as a sentence. */
  readonly unusable: readonly string[]
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
  /** Undefined where there is none that shares a secret with this host. */
  readonly turn: TurnConfig | undefined
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
  /** After how long without a sign of its viewer a session is ended, in seconds. */
  readonly idleTimeoutS: number
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
  /** Whether they look for a direct path by birthday; see `BirthdayProbing`. */
  readonly birthdayProbing: boolean
  /** Relays that its sessions may take, the best first. */
  readonly relays: readonly RelayPlace[]
  /** Absolute. The key that signs leases of relays; undefined is the host's own. */
  readonly relayIssuerKey: string | undefined
  /** A control plane through which the native transport is found, `https://plane.example.org`; undefined where there is none. */
  readonly gateway: string | undefined
  readonly parties: PartiesChoice
  /** Whether this machine is in the virtual LAN of its party. */
  readonly mesh: MeshMode
  /** Where games look for each other there. */
  readonly gamePorts: readonly PortRange[]
  /** Of this machine, that members of the party may come to. */
  readonly sharePorts: readonly PortShare[]
  /** Of this machine, that lead to members'. */
  readonly openPorts: readonly OpenedPort[]
  /** Whether ways in are announced on the own network. */
  readonly mdns: boolean
  /** Whether a lobby is opened at start. */
  readonly openLobby: boolean
}

/** A TURN server, or several, with which this host shares a secret. */
export interface TurnConfig {
  /** `turn:` and `turns:` addresses (RFC 7065). */
  readonly urls: readonly string[]
  /** Where the secret stands, alone. */
  readonly secretFile: string
}

/**
 * Puts a configuration together: flag before variable, variable before database, database before what is usual. Throws ServerError
 * `invalid-config` naming the flag or variable, what came and what was wanted; what of the database cannot be used is passed
 * over, and told in `unusable`.
 */
export function readConfig(
  flags: FlagValues,
  environment: Environment,
  directory: string,
  kept: KeptSettings = new Map(),
): ServerConfig {
  const layers = { flags, environment, kept }
  const unusable: string[] = []
  const held = <T>(option: ConfigOption<T>): HeldSetting<T> => {
    const setting = settingOf(option, layers)
    if (setting.unusable !== undefined) unusable.push(setting.unusable)
    return setting
  }
  const read = <T>(option: ConfigOption<T>): T | undefined => held(option).value
  /** Of an option with a usual value. */
  const sure = <T>(option: ConfigOption<T>): T => {
    const { value } = held(option)
    if (value === undefined) throw new RangeError(`The setting ${option.flag} has no usual value`)
    return value
  }
  const absolute = (path: string) => (isAbsolute(path) ? path : resolve(directory, path))
  const publicAddresses = sure(configOptions.origins)
  const host = held(configOptions.host)
  const viewerProcesses = sure(configOptions.viewerProcesses)
  const runDirectory = read(configOptions.runDirectory)
  const recordDirectory = read(configOptions.record)
  const relayIssuerKey = read(configOptions.relayIssuerKey)
  return {
    layers,
    unusable,
    port: sure(configOptions.port),
    udpPort: read(configOptions.udpPort),
    viewerProcesses: viewerProcesses === 'auto' ? spareCores() : viewerProcesses,
    host: host.value ?? '127.0.0.1',
    hostIsGiven: host.source !== 'default',
    dataDirectory: absolute(read(configOptions.data) ?? defaultDataDirectory(environment)),
    runDirectory: runDirectory === undefined ? undefined : absolute(runDirectory),
    containerEngine: read(configOptions.containerEngine),
    appUser: sure(configOptions.appUser),
    recordDirectory: recordDirectory === undefined ? undefined : absolute(recordDirectory),
    iceServers: sure(configOptions.iceServers),
    turn: turnOf(held, absolute, unusable),
    allowedOrigins: [...new Set(publicAddresses.map((address) => new URL(address).origin))],
    publicAddresses,
    tls: sure(configOptions.noTls) ? { kind: 'off' } : tlsOf(layers, absolute, unusable),
    logLevel: read(configOptions.logLevel),
    appId: read(configOptions.app),
    size: sure(configOptions.size),
    lobbies: sure(configOptions.lobbies),
    idleTimeoutS: sure(configOptions.idleTimeoutS),
    encoderBudget: read(configOptions.encoderBudget),
    moonlight: sure(configOptions.moonlight),
    moonlightPort: sure(configOptions.moonlightPort),
    native: sure(configOptions.native),
    nativePort: sure(configOptions.nativePort),
    pathPolicy: sure(configOptions.pathPolicy),
    birthdayProbing: sure(configOptions.birthdayProbing),
    relays: sure(configOptions.relays),
    relayIssuerKey: relayIssuerKey === undefined ? undefined : absolute(relayIssuerKey),
    gateway: read(configOptions.gateway),
    parties: sure(configOptions.parties),
    mesh: sure(configOptions.mesh),
    gamePorts: readPortRanges(sure(configOptions.gamePorts)),
    sharePorts: sure(configOptions.sharePorts),
    openPorts: sure(configOptions.openPorts),
    mdns: !sure(configOptions.noMdns),
    openLobby: !sure(configOptions.noLobby),
  }
}

/** Beside one for the server and one for what captures and encodes. */
function spareCores(): number {
  return Math.min(mostViewerProcesses, Math.max(1, availableParallelism() - 2))
}

/** The pair of files; half a pair is a mistake of whoever starts it, or, where it is the database's, passed over and told. */
function tlsOf(layers: SettingLayers, absolute: (path: string) => string, unusable: string[]): TlsChoice {
  const certificate = settingOf(configOptions.tlsCertificate, layers)
  const key = settingOf(configOptions.tlsKey, layers)
  if (certificate.value !== undefined && key.value !== undefined) {
    return { kind: 'files', certificateFile: absolute(certificate.value), keyFile: absolute(key.value) }
  }
  for (const each of [certificate, key]) if (each.unusable !== undefined) unusable.push(each.unusable)
  const [half, given, missing] = certificate.value === undefined ? [key, 'key', 'cert'] : [certificate, 'cert', 'key']
  if (half.value === undefined) return { kind: 'own' }
  if (half.source === 'database') {
    unusable.push(`Cannot use tls-${given} alone: wanted tls-${missing} with it`)
    return { kind: 'own' }
  }
  throw new ServerError('invalid-config', `Cannot use --tls-${given} alone: wanted --tls-${missing} with it`)
}

/** Servers with their secret; either alone is treated as half a pair of {@link tlsOf}. */
function turnOf(
  held: <T>(option: ConfigOption<T>) => HeldSetting<T>,
  absolute: (path: string) => string,
  unusable: string[],
): TurnConfig | undefined {
  const [{ value: urls = [], source }, secret] = [held(configOptions.turn), held(configOptions.turnSecretFile)]
  if (urls.length > 0 && secret.value !== undefined) return { urls, secretFile: absolute(secret.value) }
  if (urls.length === 0 && secret.value === undefined) return undefined
  const [half, given, missing] =
    urls.length > 0 ? [source, 'turn', 'turn-secret-file'] : [secret.source, 'turn-secret-file', 'turn']
  if (half !== 'database') {
    throw new ServerError('invalid-config', `Cannot use --${given} alone: wanted --${missing} beside it`)
  }
  unusable.push(`Cannot use ${given} alone: wanted ${missing} beside it`)
  return undefined
}

function defaultDataDirectory(environment: Environment): string {
  const dataHome = environment['XDG_DATA_HOME']
  // The XDG base directory specification says that relative paths are to be ignored.
  const base = dataHome && isAbsolute(dataHome) ? dataHome : join(environment['HOME'] || homedir(), '.local', 'share')
  return join(base, 'porchlight')
}
