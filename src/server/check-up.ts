import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../kernel/clock.ts'
import { StoreError } from '../store/store-error.ts'
import { messageOf } from '../kernel/coded-error.ts'
import type { Environment, ServerConfig } from './config/config.ts'
import { checkMachine } from './check-machine.ts'
import type { Check } from './check.ts'
import { openDataDirectory, storeFile } from './files/data-directory.ts'
import { ConnectionLimits } from './http/connection-limits.ts'
import { openHttpListener } from './http/listener.ts'
import { builtPage } from './built-page.ts'
import { CertificateFiles } from './tls/certificate-files.ts'
import { localLocks, reachOfLocks } from './occupancy/lock-reach.ts'
import { describeHolder } from './occupancy/holder.ts'
import { checkMoonlight } from './check-moonlight.ts'
import { checkNative } from './check-native.ts'
import { checkVirtualLan } from './check-virtual-lan.ts'
import { occupantOf } from './occupancy/occupy.ts'
import { ownCertificateFile, readOwnCertificate } from './tls/own-certificate.ts'
import type { ServedCertificate } from './tls/served-certificate.ts'
import { lackOfSpace } from './free-space.ts'
import { findUdpPort } from './udp-port.ts'

const oldestNode = 24

/** Looks for everything that a server needs, one thing after the other, by really using it. Leaves nothing behind. */
export async function* checkUp(
  config: ServerConfig,
  options: { environment: Environment; clock: Clock },
): AsyncGenerator<Check, void> {
  yield checkNode(process.versions.node)
  yield await checkPackages()
  yield checkPage()
  const occupant = whoRuns(config.dataDirectory)
  yield checkData(config, occupant, options.clock)
  yield* config.unusable.map((detail): Check => ({ what: 'Settings', health: 'poor', detail }))
  yield* checkPorts(config, occupant)
  yield await checkMoonlight(config, occupant !== undefined)
  yield await checkNative(config, occupant !== undefined)
  yield await checkHttps(config, options.clock)
  yield await checkVirtualLan(config, options.clock)
  yield* checkMachine({ ...options, config })
}

function checkNode(version: string): Check {
  const isNew = Number.parseInt(version, 10) >= oldestNode
  const detail = isNew ? version : `${version}; wanted ${oldestNode} or later: npm start brings one along`
  return { what: 'Node', health: isNew ? 'good' : 'bad', detail }
}

async function checkPackages(): Promise<Check> {
  try {
    await import('../gateway/browser/open-browser-gateway.ts')
    return { what: 'Packages', health: 'good', detail: 'WebRTC is there' }
  } catch (error) {
    return { what: 'Packages', health: 'bad', detail: `${messageOf(error)}; install them anew: npm ci` }
  }
}

function checkPage(): Check {
  const isBuilt = existsSync(join(builtPage, 'index.html'))
  const detail = isBuilt ? 'built' : 'not built yet: npm run build (npm start does it by itself)'
  return { what: 'Web page', health: isBuilt ? 'good' : 'poor', detail }
}

type Occupant = ReturnType<typeof occupantOf>

/** The server that runs on the data, if there is one. That it cannot be told is told by what cannot be read either. */
function whoRuns(dataDirectory: string): Occupant {
  try {
    return existsSync(dataDirectory) ? occupantOf(dataDirectory) : undefined
  } catch {
    return undefined
  }
}

function checkData({ dataDirectory }: ServerConfig, occupant: Occupant, clock: Clock): Check {
  const what = 'Data'
  if (!existsSync(storeFile(dataDirectory))) {
    return { what, health: 'good', detail: `${dataDirectory} is filled at the first start` }
  }
  try {
    openDataDirectory(dataDirectory, clock, 'refuse').close()
  } catch (error) {
    const isOlder = error instanceof StoreError && error.code === 'older'
    return { what, health: isOlder ? 'good' : 'bad', detail: messageOf(error) }
  }
  const runs = occupant ? `; ${describeHolder(occupant.holder)} runs on it` : ''
  const isLocal = reachOfLocks(dataDirectory) === 'machine'
  const limits = isLocal ? `. ${localLocks}` : ''
  const [lack] = lackOfSpace(dataDirectory)
  const space = lack ? `. ${lack.remedy}` : ''
  return { what, health: isLocal || lack ? 'poor' : 'good', detail: `${dataDirectory}${runs}${limits}${space}` }
}

async function checkHttps({ tls, dataDirectory }: ServerConfig, clock: Clock): Promise<Check> {
  const what = 'HTTPS'
  if (tls.kind === 'off') {
    return { what, health: 'poor', detail: 'turned off: microphone, and media through the web port, at localhost only' }
  }
  const until = (certificate: ServedCertificate) => new Date(certificate.notAfterMs).toISOString().slice(0, 10)
  if (tls.kind === 'own') {
    const kept = readOwnCertificate(ownCertificateFile(dataDirectory), clock.epochMs())
    const detail = kept
      ? `with a certificate of its own, until ${until(kept)}`
      : 'a certificate is made at the next start'
    return { what, health: 'good', detail }
  }
  try {
    const read = await new CertificateFiles(tls).read(clock.epochMs())
    return { what, health: 'good', detail: `with the certificate in ${tls.certificateFile}, until ${until(read)}` }
  } catch (error) {
    return { what, health: 'bad', detail: messageOf(error) }
  }
}

async function* checkPorts(config: ServerConfig, occupant: Occupant): AsyncGenerator<Check, void> {
  const nobody = { onRequest: () => {}, onUpgrade: () => {}, limits: new ConnectionLimits() }
  const { port, host } = config
  try {
    await using listener = await openHttpListener({ port, host, ...nobody })
    const { address } = listener.address
    yield { what: 'Web port', health: 'good', detail: `TCP ${listener.address.port} of ${address} is free` }
    const udpPort = config.udpPort ?? listener.address.port
    for (let index = 0; index < config.viewerProcesses; index++) {
      await findUdpPort({ port: udpPort + index, host: address, anyElse: port === 0 })
      yield { what: 'Media port', health: 'good', detail: `UDP ${udpPort + index} of ${address} is free` }
    }
  } catch (error) {
    const url = occupant?.holder?.url
    const isOwn = url !== undefined && Number(new URL(url).port) === port
    yield isOwn
      ? { what: 'Ports', health: 'good', detail: `TCP ${port} is that of the server which runs on these data` }
      : { what: 'Ports', health: 'bad', detail: messageOf(error) }
  }
}
