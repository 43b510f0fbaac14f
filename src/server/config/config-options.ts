import { isIP } from 'node:net'
import * as v from 'valibot'
import type { Size } from '../../domain/size.ts'
import { size as sizeLimits } from '../../wire/api/lobby-settings.ts'
import { pathPolicies } from '../../net/paths/path-policy.ts'
import { relayPlaces } from './config-relays.ts'
import { parseIceServerFlag, iceServerList } from './config-ice.ts'
import type { IceServer } from '../../wire/signal/messages.ts'

/** One setting: what it is called in flags and environment, what it takes, and what it means. */
export interface ConfigOption<T> {
  /** Without the dashes. */
  readonly flag: string
  readonly variable: string
  /** How the value is shown in the help, `PORT` for instance; undefined for a switch. */
  readonly placeholder: string | undefined
  /** May be given many times. */
  readonly repeated: boolean
  /** May hold a credential: its value is never shown. */
  readonly secret: boolean
  /** Completes "wanted ...". */
  readonly wanted: string
  readonly help: string
  /** Takes a flag's value (string, list of strings, or true for a switch) or a variable's string. */
  readonly schema: v.GenericSchema<unknown, T>
}

export const logLevels = ['silent', 'error', 'warn', 'info', 'debug'] as const
export type LogLevel = (typeof logLevels)[number]

const portNumber = v.pipe(
  v.string(),
  v.regex(/^\d{1,5}$/),
  v.transform(Number),
  v.number(),
  v.integer(),
  v.maxValue(65_535),
)

/** More than that wait for one core: the server's. */
export const mostViewerProcesses = 16

const hostName = /^(?=.{1,253}$)[a-z\d]([a-z\d-]{0,62})(\.[a-z\d]([a-z\d-]{0,62}))*$/i
const bindAddress = v.pipe(
  v.string(),
  v.check((text) => isIP(text) !== 0 || (hostName.test(text) && !/^[\d.]+$/.test(text))),
)

const pixels: v.GenericSchema<unknown, Size> = v.pipe(
  v.string(),
  v.regex(/^\d{1,5}x\d{1,5}$/),
  v.transform((text) => {
    const [width, height] = text.split('x').map(Number)
    return { width, height }
  }),
  sizeLimits,
)

const toggle: v.GenericSchema<unknown, boolean> = v.union([
  v.boolean(),
  v.pipe(
    v.picklist(['1', 'true', 'yes', '0', 'false', 'no']),
    v.transform((text) => text === '1' || text === 'true' || text === 'yes'),
  ),
])

const origin = v.pipe(
  v.string(),
  v.trim(),
  v.check((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && isPlainAddress(text)),
  v.transform((text) => {
    const { origin: own, pathname } = new URL(text)
    return own + pathname.replace(/\/+$/, '')
  }),
)

/** An origin, or a folder of one: nothing that would have to be escaped, or means something else to a proxy. */
function isPlainAddress(text: string): boolean {
  const url = new URL(text)
  return (
    /^\/(?:[\w.~-]+\/?)*$/.test(url.pathname) &&
    url.search === '' &&
    url.hash === '' &&
    url.username === '' &&
    url.password === ''
  )
}

/** A variable separates its values by commas; a flag comes once for each value. */
const originList = v.pipe(
  v.union([
    v.array(v.string()),
    v.pipe(
      v.string(),
      v.transform((text) => text.split(',')),
    ),
  ]),
  v.array(origin),
)

const iceServers: v.GenericSchema<unknown, IceServer[]> = v.union([
  v.pipe(v.array(v.string()), v.array(parseIceServerFlag)),
  v.pipe(v.string(), iceServerList),
])

const path = v.pipe(v.string(), v.minLength(1), v.maxLength(4096))

function option<T>(
  own: Pick<ConfigOption<T>, 'flag' | 'variable' | 'wanted' | 'help' | 'schema'> & Partial<ConfigOption<T>>,
): ConfigOption<T> {
  return { placeholder: undefined, repeated: false, secret: false, ...own }
}

/** Every setting of the server. Help, documentation test and parsing go by this table. */
export const configOptions = {
  port: option({
    flag: 'port',
    variable: 'PORCHLIGHT_PORT',
    placeholder: 'PORT',
    wanted: 'a port number from 0 (any free one) to 65535',
    help: 'TCP port of page, API and signalling (8080); 0 takes any free one',
    schema: portNumber,
  }),
  udpPort: option({
    flag: 'udp-port',
    variable: 'PORCHLIGHT_UDP_PORT',
    placeholder: 'PORT',
    wanted: 'a port number from 1 to 65535',
    help: 'UDP port of all media (the same number as the web port)',
    schema: v.pipe(portNumber, v.minValue(1)),
  }),
  viewerProcesses: option({
    flag: 'viewer-processes',
    variable: 'PORCHLIGHT_VIEWER_PROCESSES',
    placeholder: 'NUMBER',
    wanted: 'a whole number from 1 to 16, or auto',
    help: 'processes that viewers are spread over (1), a UDP port each; auto: by cores',
    schema: v.union([
      v.literal('auto'),
      v.pipe(v.string(), v.regex(/^\d{1,2}$/), v.transform(Number), v.minValue(1), v.maxValue(mostViewerProcesses)),
    ]),
  }),
  host: option({
    flag: 'host',
    variable: 'PORCHLIGHT_HOST',
    placeholder: 'ADDRESS',
    wanted: 'an IP address or host name of this machine, 0.0.0.0 for all of them',
    help: 'address to listen on (127.0.0.1); 0.0.0.0 lets other machines in',
    schema: bindAddress,
  }),
  data: option({
    flag: 'data',
    variable: 'PORCHLIGHT_DATA',
    placeholder: 'DIRECTORY',
    wanted: 'a directory',
    help: 'where state is kept ($XDG_DATA_HOME/porchlight or ~/.local/share/porchlight)',
    schema: path,
  }),
  containerEngine: option({
    flag: 'container-engine',
    variable: 'PORCHLIGHT_CONTAINER_ENGINE',
    placeholder: 'SOCKET',
    wanted: "the absolute path of a container engine's socket",
    help: 'socket of Docker or Podman ($DOCKER_HOST, or the first that is found)',
    schema: v.pipe(
      v.string(),
      v.transform((text) => text.replace(/^unix:\/\//, '')),
      v.startsWith('/'),
    ),
  }),
  appUser: option({
    flag: 'app-user',
    variable: 'PORCHLIGHT_APP_USER',
    placeholder: 'WHO',
    wanted: 'own or same',
    help: 'who apps are when started as root: a user of their own (own), or root (same)',
    schema: v.picklist(['own', 'same']),
  }),
  runDirectory: option({
    flag: 'run-directory',
    variable: 'PORCHLIGHT_RUN_DIRECTORY',
    placeholder: 'DIRECTORY',
    wanted: 'a directory',
    help: 'where sockets and cookies live while it runs (a fresh private one)',
    schema: path,
  }),
  iceServers: option({
    flag: 'ice-server',
    variable: 'PORCHLIGHT_ICE_SERVERS',
    placeholder: 'URL[,USER,CREDENTIAL]',
    repeated: true,
    secret: true,
    wanted:
      'stun:, stuns:, turn: or turns: addresses, as URL[,USER,CREDENTIAL] in flags or a JSON list of RTCIceServer in the variable',
    help: 'STUN or TURN server that browsers are told to use; may be repeated',
    schema: iceServers,
  }),
  origins: option({
    flag: 'origin',
    variable: 'PORCHLIGHT_ORIGINS',
    placeholder: 'ORIGIN',
    repeated: true,
    wanted: 'addresses such as https://play.example.org or https://example.org/play, without a query',
    help: "public address that leads here too, a proxy's for instance; may be repeated",
    schema: originList,
  }),
  tlsCertificate: option({
    flag: 'tls-cert',
    variable: 'PORCHLIGHT_TLS_CERT',
    placeholder: 'FILE',
    wanted: 'a file with a certificate in PEM form, with those above it behind it',
    help: 'certificate for HTTPS, read again when it is renewed (one made here)',
    schema: path,
  }),
  tlsKey: option({
    flag: 'tls-key',
    variable: 'PORCHLIGHT_TLS_KEY',
    placeholder: 'FILE',
    wanted: 'a file with the private key of the certificate in PEM form',
    help: 'private key of that certificate',
    schema: path,
  }),
  noTls: option({
    flag: 'no-tls',
    variable: 'PORCHLIGHT_NO_TLS',
    wanted: '1 or 0',
    help: 'speak only plain HTTP on the web port',
    schema: toggle,
  }),
  logLevel: option({
    flag: 'log-level',
    variable: 'PORCHLIGHT_LOG_LEVEL',
    placeholder: 'LEVEL',
    wanted: `one of ${logLevels.join(', ')}`,
    help: `how much is logged: ${logLevels.join(', ')} (info, on a terminal warn)`,
    schema: v.picklist(logLevels),
  }),
  app: option({
    flag: 'app',
    variable: 'PORCHLIGHT_APP',
    placeholder: 'APP',
    wanted: 'the id of an app, such as desktop, terminal or test-pattern',
    help: 'app of the first lobby (the best one that can run here)',
    schema: v.pipe(v.string(), v.regex(/^[a-z\d-]{1,64}$/)),
  }),
  size: option({
    flag: 'size',
    variable: 'PORCHLIGHT_SIZE',
    placeholder: 'WxH',
    wanted: 'a size from 320x240 to 7680x4320, upright too, such as 1280x720',
    help: "size of the first lobby's display (1280x720)",
    schema: pixels,
  }),
  record: option({
    flag: 'record',
    variable: 'PORCHLIGHT_RECORD',
    placeholder: 'DIRECTORY',
    wanted: 'a directory',
    help: 'keep recordings of signalling and of Moonlight here, for porchlight replay (none)',
    schema: path,
  }),
  lobbies: option({
    flag: 'lobbies',
    variable: 'PORCHLIGHT_LOBBIES',
    placeholder: 'NUMBER',
    wanted: 'a whole number from 1 to 1000',
    help: 'how many lobbies there can be at once (16)',
    schema: v.pipe(v.string(), v.regex(/^\d{1,4}$/), v.transform(Number), v.minValue(1), v.maxValue(1000)),
  }),
  encoderBudget: option({
    flag: 'encoder-budget',
    variable: 'PORCHLIGHT_ENCODER_BUDGET',
    placeholder: 'NUMBER',
    wanted: 'a number from 0.5 to 1000, such as 2 or 4.5',
    help: 'how much may be encoded for wishes, in 1280x720 at 60 fps (by cores and hardware)',
    schema: v.pipe(
      v.string(),
      v.regex(/^\d{1,4}(?:\.\d{1,3})?$/),
      v.transform(Number),
      v.minValue(0.5),
      v.maxValue(1000),
    ),
  }),
  moonlight: option({
    flag: 'moonlight',
    variable: 'PORCHLIGHT_MOONLIGHT',
    placeholder: 'on|off|auto',
    wanted: 'on, off or auto',
    help: "let Moonlight's clients in (auto: unless only this machine is served)",
    schema: v.picklist(['on', 'off', 'auto']),
  }),
  moonlightPort: option({
    flag: 'moonlight-port',
    variable: 'PORCHLIGHT_MOONLIGHT_PORT',
    placeholder: 'PORT',
    wanted: 'a port number from 1030 to 65500',
    help: 'first port of Moonlight (47989); its others are 5 below, 9 and 21 above',
    schema: v.pipe(portNumber, v.minValue(1030), v.maxValue(65_500)),
  }),
  native: option({
    flag: 'native',
    variable: 'PORCHLIGHT_NATIVE',
    placeholder: 'on|off|auto',
    wanted: 'on, off or auto',
    help: 'serve the native transport (auto: unless only this machine is served)',
    schema: v.picklist(['on', 'off', 'auto']),
  }),
  nativePort: option({
    flag: 'native-port',
    variable: 'PORCHLIGHT_NATIVE_PORT',
    placeholder: 'PORT',
    wanted: 'a port number from 1 to 65535',
    help: 'UDP port of the native transport (47900)',
    schema: portNumber,
  }),
  pathPolicy: option({
    flag: 'path-policy',
    variable: 'PORCHLIGHT_PATH_POLICY',
    placeholder: 'POLICY',
    wanted: 'prefer-direct, prefer-relay, relay-only or direct-only',
    help: 'which paths sessions of the native transport take (prefer-direct)',
    schema: v.picklist(pathPolicies),
  }),
  relays: option({
    flag: 'relay',
    variable: 'PORCHLIGHT_RELAYS',
    placeholder: 'HOST:PORT',
    repeated: true,
    wanted: 'the name of a relay and its port, such as relay.example.org:3478; at most 8',
    help: 'a relay that sessions of the native transport may take; may be repeated',
    schema: relayPlaces,
  }),
  relayIssuerKey: option({
    flag: 'relay-issuer-key',
    variable: 'PORCHLIGHT_RELAY_ISSUER_KEY',
    placeholder: 'FILE',
    wanted: 'a file',
    help: "key that signs leases of relays (the host's own, in its data directory)",
    schema: path,
  }),
  noMdns: option({
    flag: 'no-mdns',
    variable: 'PORCHLIGHT_NO_MDNS',
    wanted: '1 or 0',
    help: 'announce nothing on the own network (multicast DNS)',
    schema: toggle,
  }),
  noLobby: option({
    flag: 'no-lobby',
    variable: 'PORCHLIGHT_NO_LOBBY',
    wanted: '1 or 0',
    help: 'open no first lobby; those from before come back',
    schema: toggle,
  }),
} as const

/** The options as `util.parseArgs` wants them. */
export function configFlags(): Record<string, { type: 'string' | 'boolean'; multiple?: boolean }> {
  return Object.fromEntries(
    Object.values(configOptions).map((each) => [
      each.flag,
      each.placeholder === undefined ? { type: 'boolean' } : { type: 'string', multiple: each.repeated },
    ]),
  )
}
