import { messageOf } from '../../kernel/coded-error.ts'
import type { Clock } from '../../kernel/clock.ts'
import { Ending, type Closable } from '../../kernel/ending.ts'
import type { Log } from '../../kernel/log.ts'
import { TokenBucket } from '../../kernel/token-bucket.ts'
import type { Settings } from '../../store/settings.ts'
import type { CertificateView } from '../../wire/api/host-info.ts'
import type { ChangeNetwork, NetworkView } from '../../wire/api/resources.ts'
import type { ServerConfig } from '../config/config.ts'
import { isLoopback, linkOf } from './page-links.ts'
import { ServerError } from '../contract/server-error.ts'
import { NetworkError } from './network-error.ts'
import {
  mediaAddress,
  outerAddresses,
  privateAddresses,
  type Interfaces,
  type OwnAddress,
} from './private-addresses.ts'

/**
 * The way in for the network that the host is on. A server that was told no `--host` listens on loopback alone, until its
 * owner opens this: then it listens on every private address of the machine as well, by HTTPS, as they come and go.
 */
export interface NetworkDoor extends Closable {
  readonly view: NetworkView
  /** Addresses that were opened, and are listened on now. */
  readonly opened: readonly string[]
  /**
   * Opens or closes it; one change after the other. Throws NetworkError, with everything as it was: `network-fixed`,
   * `no-private-address`, `port-in-use` or `too-many-changes`; or a StoreError.
   */
  change(wanted: ChangeNetwork): Promise<void>
  /** Opens it where that is to be remembered; where it cannot be opened now, the log says why. */
  restore(): Promise<void>
}

export interface NetworkDoorOptions {
  readonly config: Pick<ServerConfig, 'host' | 'hostIsGiven' | 'tls'>
  readonly port: number
  readonly udpPort: number
  readonly settings: Settings
  readonly certificate: () => CertificateView | null
  /** Serves the web port on one more address. Rejects with a ServerError. */
  readonly listen: (address: string) => Promise<Closable>
  /** Looks whether media could have its port there. Rejects with ServerError `port-in-use`. */
  readonly tryMedia: (address: string) => Promise<unknown>
  /** Binds the port of media anew: to one address, to every interface by `undefined`, or to what it was bound to at the start. */
  readonly moveMedia: (bound: { readonly address: string | undefined } | 'as-begun') => Promise<void>
  /** The addresses of the page are others. */
  readonly onMoved: () => void
  readonly interfaces: () => Interfaces
  readonly clock: Clock
  readonly log: Log
}

const setting = 'network'
/** How often is looked whether the machine has other addresses. */
const lookPeriodMs = 5000
/** Each change binds ports and starts a process: some at once, then one in ten seconds. */
const changes = { burst: 6, perSecond: 0.1 }

export function openNetworkDoor(options: NetworkDoorOptions): NetworkDoor {
  return new Door(options)
}

class Door implements NetworkDoor {
  readonly closed
  readonly #options: NetworkDoorOptions
  readonly #ending: Ending
  readonly #limit: TokenBucket
  readonly #listeners = new Map<string, Closable>()
  #isOpen = false
  #media: string | undefined
  /** Changes wait for each other. */
  #turn: Promise<unknown> = Promise.resolve()
  #warned = ''

  constructor(options: NetworkDoorOptions) {
    this.#options = options
    this.#limit = new TokenBucket({ ...changes, nowMs: options.clock.nowMs() })
    const timer = options.clock.every(lookPeriodMs, () => void this.#inTurn(() => this.#follow()))
    this.#ending = new Ending(async () => {
      timer.cancel()
      await this.#inTurn(() => this.#closeListeners())
    })
    this.closed = this.#ending.closed
  }

  get opened(): readonly string[] {
    return [...this.#listeners.keys()]
  }

  get view(): NetworkView {
    const { config, port, udpPort, settings, certificate } = this.#options
    const isOpen = config.hostIsGiven ? !isLoopback(config.host) : this.#isOpen
    return {
      open: isOpen,
      remembered: settings.get(setting) === 'open',
      fixed: this.#fixed ?? null,
      port,
      udpPort,
      addresses: this.#addresses().map((each) => ({ ...each, link: linkOf(config, each.address, port) })),
      certificate: certificate(),
    }
  }

  change(wanted: ChangeNetwork): Promise<void> {
    return this.#inTurn(async () => {
      const { settings } = this.#options
      if (this.#fixed) throw new NetworkError('network-fixed', fixedBecause[this.#fixed])
      if (wanted.open !== this.#isOpen && !this.#limit.take(this.#options.clock.nowMs())) {
        throw new NetworkError('too-many-changes', 'Cannot change this again so soon. Wait ten seconds.')
      }
      if (!wanted.open) {
        // Shutting it out comes first: it needs no disk.
        if (this.#isOpen) await this.#close()
        return settings.delete(setting)
      }
      if (!this.#isOpen) await this.#open()
      if (wanted.remember === true) settings.set(setting, 'open')
      else settings.delete(setting)
    })
  }

  async restore(): Promise<void> {
    const { settings, log } = this.#options
    if (this.#fixed || settings.get(setting) !== 'open') return
    await this.#inTurn(() => this.#open()).catch((error: unknown) =>
      log.warn('The network is not let in, as it was before', { error: messageOf(error) }),
    )
  }

  close(reason?: string): Promise<void> {
    return this.#ending.close(reason)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  get #fixed(): (NetworkView['fixed'] & string) | undefined {
    const { config } = this.#options
    if (config.hostIsGiven) return 'host-given'
    return config.tls.kind === 'off' ? 'no-https' : undefined
  }

  #addresses(): readonly OwnAddress[] {
    const { config, interfaces } = this.#options
    if (!config.hostIsGiven) return privateAddresses(interfaces())
    const outer = outerAddresses(interfaces())
    return isLoopback(config.host) ? [] : outer.filter(({ address }) => isBoundBy(config.host, address))
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = this.#turn.then(work)
    this.#turn = turn.catch(() => {})
    return turn
  }

  async #open(): Promise<void> {
    const { interfaces, listen, log, moveMedia, onMoved, tryMedia } = this.#options
    const addresses = privateAddresses(interfaces())
    try {
      for (const { address } of addresses) {
        await tryMedia(address)
        this.#keep(address, await listen(address))
      }
    } catch (error) {
      await this.#closeListeners()
      if (error instanceof ServerError) throw new NetworkError('port-in-use', refused(error), { cause: error })
      throw error
    }
    if (this.#listeners.size === 0) throw new NetworkError('no-private-address', noPrivateAddress)
    this.#isOpen = true
    this.#media = mediaAddress(interfaces())
    await moveMedia({ address: this.#media })
    onMoved()
    log.info('The network is let in', { addresses: this.opened })
  }

  async #close(): Promise<void> {
    const { log, moveMedia, onMoved } = this.#options
    this.#isOpen = false
    await this.#closeListeners()
    await moveMedia('as-begun')
    onMoved()
    log.info('The network is shut out')
  }

  /** The machine may have come to another network, or into one. */
  async #follow(): Promise<void> {
    if (!this.#isOpen || this.#ending.begun) return
    const { interfaces, listen, moveMedia, onMoved } = this.#options
    const now = interfaces()
    const wanted = new Set(privateAddresses(now).map(({ address }) => address))
    const gone = this.opened.filter((address) => !wanted.has(address))
    const come = [...wanted].filter((address) => !this.#listeners.has(address))
    for (const address of gone) await this.#listeners.get(address)?.close()
    for (const address of come) {
      try {
        this.#keep(address, await listen(address))
      } catch (error) {
        this.#warnOnce(address, messageOf(error))
      }
    }
    const media = mediaAddress(now)
    if (wanted.size > 0 && media !== this.#media) {
      this.#media = media
      await moveMedia({ address: media })
    }
    if (gone.length + come.length > 0) onMoved()
  }

  #keep(address: string, listener: Closable): void {
    this.#listeners.set(address, listener)
    void listener.closed.then(() => {
      if (this.#listeners.get(address) === listener) this.#listeners.delete(address)
    })
  }

  async #closeListeners(): Promise<void> {
    await Promise.all([...this.#listeners.values()].map((listener) => listener.close()))
    this.#listeners.clear()
  }

  #warnOnce(address: string, error: string): void {
    if (this.#warned === address + error) return
    this.#warned = address + error
    this.#options.log.warn('The network is not let in by a new address', { address, error })
  }
}

const fixedBecause: Readonly<Record<NonNullable<NetworkView['fixed']>, string>> = {
  'host-given':
    'Cannot change this while the server runs: it was started with --host (or PORCHLIGHT_HOST), which says where it listens. Start it without.',
  'no-https':
    'Cannot let the network in: HTTPS is turned off, and everybody on the way would see what goes over it. Start without --no-tls.',
}

const noPrivateAddress =
  'Cannot let the network in: this machine has no private address, it is on no network or on the Internet itself. For all of its addresses, start with --host 0.0.0.0.'

function refused({ message }: ServerError): string {
  return `Cannot let the network in. ${message}`
}

function isBoundBy(host: string, address: string): boolean {
  return host === '0.0.0.0' || host === '::' || host === address
}
