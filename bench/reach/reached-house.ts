import { spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { signingKeyOf } from '../../src/net/relay/lease-signing.ts'
import { openHostKey } from '../../src/server/native/open-host-key.ts'
import type { LobbyView } from '../../src/wire/api/resources.ts'
import { formatNativeLink } from '../../src/wire/native/native-link.ts'
import { eventually } from '../../test/support/eventually.ts'
import { labServers, NatLab, type LabHost, type LabNat } from '../../test/support/nat-lab.ts'
import { openPorchlight, type RunningPorchlight } from '../../test/support/running-porchlight.ts'
import { WatchingViewer } from '../support/watching-viewer.ts'

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
const webPort = 8080
const nativePort = 47_900
const relayPorts = [3478, 3480] as const
/** For what comes, also on a busy machine. */
const withinMs = 60_000

/** A relay in a process of its own, which can be killed. */
class RelayProcess implements AsyncDisposable {
  readonly name: string
  readonly #port: number
  readonly #issuer: string
  #end: (() => Promise<void>) | undefined

  constructor(port: number, issuer: string) {
    this.name = `${labServers[0]}:${port}`
    this.#port = port
    this.#issuer = issuer
  }

  async start(): Promise<void> {
    const flags = ['--name', this.name, '--issuer', this.#issuer, '--address', labServers[0], '--port', `${this.#port}`]
    const child = spawn(process.execPath, [main, 'relay', ...flags], { stdio: ['ignore', 'pipe', 'inherit'] })
    const ended = once(child, 'exit')
    this.#end = async () => {
      child.kill('SIGKILL')
      await ended
    }
    await once(child.stdout, 'data')
  }

  /** At once: it tells nobody. */
  async kill(): Promise<void> {
    await this.#end?.()
    this.#end = undefined
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill()
  }
}

/** A real host behind a router of some kind that lets TCP to its web port in and nothing else, two relays, and machines of viewers. */
export class ReachedHouse implements AsyncDisposable {
  readonly lab: NatLab
  readonly house: LabHost
  readonly server: RunningPorchlight
  readonly relays: readonly RelayProcess[]
  /** Where viewers may be, in the order of their kinds. */
  readonly places: readonly LabHost[]
  readonly #lobby: LobbyView
  readonly #directory: string
  readonly #open: AsyncDisposableStack
  readonly #hasBirthday: boolean
  #viewers = 0

  private constructor(parts: {
    lab: NatLab
    server: RunningPorchlight
    relays: readonly RelayProcess[]
    lobby: LobbyView
    directory: string
    open: AsyncDisposableStack
    hasBirthday: boolean
  }) {
    const [house, ...places] = parts.lab.hosts
    this.lab = parts.lab
    this.house = house as LabHost
    this.places = places
    this.server = parts.server
    this.relays = parts.relays
    this.#lobby = parts.lobby
    this.#directory = parts.directory
    this.#open = parts.open
    this.#hasBirthday = parts.hasBirthday
  }

  static async open(options: {
    readonly house: LabNat
    readonly viewers: readonly LabNat[]
    /** Whether host and viewers probe for a path by birthday. */
    readonly hasBirthday?: boolean
  }): Promise<ReachedHouse> {
    const { hasBirthday = false } = options
    await using open = new AsyncDisposableStack()
    const lab = open.use(await NatLab.open([options.house, ...options.viewers]))
    const house = lab.hosts[0] as LabHost
    if (house.nat !== 'open') {
      await house.filter(
        `chain in { type nat hook prerouting priority dstnat; iifname "wan" tcp dport ${webPort} dnat to ${house.address}; }`,
      )
    }
    const directory = await mkdtemp(join(tmpdir(), 'porchlight-reach-'))
    open.defer(() => rm(directory, { recursive: true, force: true }))
    const { privateKey } = generateKeyPairSync('ed25519')
    const issuerFile = join(directory, 'issuer.pem')
    await writeFile(issuerFile, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
    const issuer = Buffer.from(signingKeyOf(privateKey).publicKey).toString('base64url')
    const relays = relayPorts.map((port) => open.use(new RelayProcess(port, issuer)))
    await Promise.all(relays.map((relay) => relay.start()))
    const server = open.use(
      await openPorchlight({
        prefix: house.prefix,
        flags: [
          `--host=${house.address}`,
          `--port=${webPort}`,
          '--no-tls',
          `--origin=http://${house.outside}:${webPort}`,
          '--native=on',
          '--app=test-pattern',
          '--size=640x360',
          `--relay-issuer-key=${issuerFile}`,
          ...relays.map(({ name }) => `--relay=${name}`),
          ...(hasBirthday ? ['--birthday-probing'] : []),
        ],
      }),
    )
    const lobby = await server.firstLobby()
    return new ReachedHouse({ lab, server, relays, lobby, directory, hasBirthday, open: open.move() })
  }

  /** Sends somebody there, who has never been at the host. */
  async view(at: LabHost): Promise<WatchingViewer> {
    const { token } = await this.server.invite(this.#lobby.id, 'viewer')
    const name = `Viewer ${++this.#viewers}`
    const link = formatNativeLink({
      host: this.house.outside,
      port: nativePort,
      key: openHostKey(join(this.server.directory, 'data')).publicKey,
      invitation: token,
      web: `http://${this.house.outside}:${webPort}`,
    })
    const directory = join(this.#directory, `viewer-${this.#viewers}`)
    const probesByBirthday = this.#hasBirthday
    return new WatchingViewer(at, { link, directory, name, probesByBirthday })
  }

  /** The same, and waits for pictures. */
  async viewed(at: LabHost): Promise<WatchingViewer> {
    const viewer = await this.view(at)
    await eventually(
      () => viewer.pictures.length,
      (count) => count > 0 || viewer.isOver,
      { what: 'pictures', withinMs },
    )
    if (viewer.isOver) throw new Error(`A viewer behind ${at.nat} has ended: ${viewer.errors}`)
    return viewer
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#open.disposeAsync()
  }
}

/** `direct`, `relay` or `web port`, of a path's name. */
export function kindOfPath(name: string | undefined): string {
  return /^(?:direct|relay|web port)/.exec(name ?? '')?.[0] ?? 'none'
}
