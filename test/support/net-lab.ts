import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { NetNamespace } from './net-namespace.ts'

const run = promisify(execFile)

/** The networks that the laptop can be on, one at a time. */
const networks = { wifi: '10.77.1', mobile: '10.77.2' } as const
type Network = keyof typeof networks

const houseNetwork = '10.77.9'
/** Of the router's rules: what is dropped, first by what is first here. */
const rules = { everything: '10', udp: '20', wifi: '30', mobile: '40' } as const

/**
 * A laptop, a router and a house. The laptop is this process and all that it starts; a server that is started with `house`
 * before its command stands in the house. To be opened in a network namespace of one's own (`inPrivateNetwork`).
 *
 *     laptop 10.77.1.2 --wifi---- 10.77.1.1 router 10.77.9.1 --lan-- 10.77.9.2 house
 *            10.77.2.2 --mobile-- 10.77.2.1
 *
 * What the router drops it drops without a word, so that nobody is told. Takes `ip` (iproute2), `unshare`, `nsenter` and
 * `setpriv` (util-linux) and no firewall: rules of routing do it.
 */
export class NetLab implements AsyncDisposable {
  readonly houseAddress = `${houseNetwork}.2`
  readonly #router: NetNamespace
  readonly #house: NetNamespace
  readonly #dropped = new Set<keyof typeof rules>()
  #on: Network = 'wifi'

  private constructor(router: NetNamespace, house: NetNamespace) {
    this.#router = router
    this.#house = house
  }

  static async open(): Promise<NetLab> {
    const lab = new NetLab(await NetNamespace.open(), await NetNamespace.open())
    try {
      await lab.#build()
      return lab
    } catch (error) {
      await lab[Symbol.asyncDispose]()
      throw error
    }
  }

  /** Put before a command line, it runs in the house. */
  get house(): readonly string[] {
    return this.#house.prefix
  }

  get laptopAddress(): string {
    return `${networks[this.#on]}.2`
  }

  /** The laptop's interface goes down, and up again with its address and route. */
  async setLink(up: boolean): Promise<void> {
    if (up) await laptop(`link set ${this.#on} up`, defaultRoute(this.#on))
    else await laptop(`link set ${this.#on} down`)
  }

  /** From one network to the other, with another address; the former one is gone, and what is sent to it is lost. */
  async changeNetwork(): Promise<void> {
    const former = this.#on
    this.#on = former === 'wifi' ? 'mobile' : 'wifi'
    await this.#drop(former, true)
    await this.#drop(this.#on, false)
    await laptop(`address flush dev ${former}`, `link set ${former} down`, ...joined(this.#on))
  }

  /** The router drops every datagram, or lets them through again. */
  async dropUdp(dropped: boolean): Promise<void> {
    await this.#drop('udp', dropped)
  }

  /** The router drops everything, or lets it through again. */
  async dropEverything(dropped: boolean): Promise<void> {
    await this.#drop('everything', dropped)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const namespace of [this.#house, this.#router]) await namespace[Symbol.asyncDispose]()
  }

  async #build(): Promise<void> {
    const [router, house] = [this.#router, this.#house]
    await laptop('link set lo up')
    for (const namespace of [router, house]) await namespace.run('ip', 'link', 'set', 'lo', 'up')
    await router.run('sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward')
    for (const [name, network] of Object.entries(networks)) {
      await laptop(`link add ${name} type veth peer name ${name} netns ${router.pid}`)
      await router.run('ip', 'address', 'add', `${network}.1/24`, 'dev', name)
      await router.run('ip', 'link', 'set', name, 'up')
    }
    await router.run('ip', 'link', 'add', 'lan', 'type', 'veth', 'peer', 'name', 'lan', 'netns', house.pid)
    for (const [namespace, end] of [
      [router, 1],
      [house, 2],
    ] as const) {
      await namespace.run('ip', 'address', 'add', `${houseNetwork}.${end}/24`, 'dev', 'lan')
      await namespace.run('ip', 'link', 'set', 'lan', 'up')
    }
    await house.run('ip', 'route', 'add', 'default', 'via', `${houseNetwork}.1`)
    await laptop(...joined(this.#on))
  }

  async #drop(what: keyof typeof rules, dropped: boolean): Promise<void> {
    if (dropped === this.#dropped.has(what)) return
    const selector = what === 'udp' ? ['ipproto', 'udp'] : what === 'everything' ? [] : ['to', `${networks[what]}.0/24`]
    const rule = ['priority', rules[what], ...selector]
    await this.#router.run('ip', 'rule', ...(dropped ? ['add', ...rule, 'type', 'blackhole'] : ['del', ...rule]))
    if (dropped) this.#dropped.add(what)
    else this.#dropped.delete(what)
  }
}

/** Changes of this process's own network, made at one go. */
async function laptop(...changes: readonly string[]): Promise<void> {
  const running = run('ip', ['-batch', '-'])
  running.child.stdin?.end(changes.map((change) => `${change}\n`).join(''))
  await running
}

function joined(network: Network): string[] {
  return [`link set ${network} up`, `address replace ${networks[network]}.2/24 dev ${network}`, defaultRoute(network)]
}

function defaultRoute(network: Network): string {
  return `route replace default via ${networks[network]}.1`
}
