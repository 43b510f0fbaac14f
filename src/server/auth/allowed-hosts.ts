import { hostname, networkInterfaces } from 'node:os'

/** Names and addresses of this machine, as they are now. */
export interface MachineNames {
  hostname(): string
  /** Addresses of its interfaces, IPv6 without a zone. */
  addresses(): readonly string[]
}

export const machineNames: MachineNames = {
  hostname,
  addresses: () =>
    Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .map(({ address }) => address),
}

/** Whether the server listens on every address of the machine. */
export function isWildcard(bindHost: string): boolean {
  return bindHost === '0.0.0.0' || bindHost === '::'
}

/**
 * Which names a request may be addressed to and which pages may send it. A page of an attacker can point its own name at
 * 127.0.0.1 (DNS rebinding): only names that are known to mean this machine are answered.
 */
export class AllowedHosts {
  readonly #names: ReadonlySet<string>
  readonly #origins: ReadonlySet<string>
  readonly #namesMachineToo: () => boolean
  readonly #machine: MachineNames

  /** `isOpen`: whether the network is let in beside `bindHost`; it is not when left out. */
  constructor(options: {
    bindHost: string
    allowedOrigins: readonly string[]
    isOpen?: () => boolean
    machine?: MachineNames
  }) {
    const { isOpen = () => false } = options
    const isForAll = isWildcard(options.bindHost)
    this.#machine = options.machine ?? machineNames
    this.#namesMachineToo = () => isForAll || isOpen()
    this.#origins = new Set(options.allowedOrigins)
    this.#names = new Set([
      'localhost',
      '127.0.0.1',
      '[::1]',
      ...(isForAll ? [] : [nameOf(bracketed(options.bindHost)) ?? options.bindHost]),
      ...options.allowedOrigins.map((origin) => new URL(origin).hostname),
    ])
  }

  /** Whether a `Host` header names this server. The port may differ: a forwarded one is as good. */
  allowsHost(header: string | undefined): boolean {
    const name = header === undefined ? undefined : nameOf(header)
    if (name === undefined) return false
    return this.#names.has(name) || (this.#namesMachineToo() && this.#namesMachine(name))
  }

  /**
   * Whether a page of `origin` may use the server that it addressed as `hostHeader`: its own page, or a configured one. A
   * request that came by HTTPS (`secure`) comes from its own page only when that did as well: somebody on the way may have
   * changed a plain one.
   */
  allowsOrigin(origin: string, hostHeader: string | undefined, { secure }: { secure: boolean }): boolean {
    if (this.#origins.has(origin)) return true
    if (hostHeader === undefined || !URL.canParse(origin)) return false
    const { protocol, host } = new URL(origin)
    // Behind a proxy that speaks TLS the page is https and the request here plain: the host decides.
    if (protocol !== 'https:' && (protocol !== 'http:' || secure)) return false
    const own = `${protocol}//${hostHeader}`
    return URL.canParse(own) && new URL(own).host === host
  }

  #namesMachine(name: string): boolean {
    const hostName = this.#machine.hostname().toLowerCase()
    if (name === hostName || name === `${hostName}.local`) return true
    return this.#machine.addresses().some((address) => nameOf(bracketed(address)) === name)
  }
}

function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address
}

/** The name in `name[:port]`, lower-case and in its shortest form; undefined when it is none. */
function nameOf(hostHeader: string): string | undefined {
  if (!/^(\[[\da-f:.]+\]|[\w.-]+)(:\d{1,5})?$/i.test(hostHeader)) return undefined
  const url = `http://${hostHeader}`
  return URL.canParse(url) ? new URL(url).hostname.replace(/(?<=.)\.$/, '') : undefined
}
