import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'
import { closeSync, openSync } from 'node:fs'
import koffi from 'koffi'
import { NetNamespace } from './net-namespace.ts'

const run = promisify(execFile)

export const labNats = ['open', 'full cone', 'restricted', 'port-restricted', 'symmetric', 'udp-blocked'] as const
export type LabNat = (typeof labNats)[number]

/** Whether this machine has what makes a router of a network namespace. */
export function canHaveNatLab(): boolean {
  return spawnSync('nft', ['--version']).status === 0
}

/** The addresses of this process in the lab: those of whatever serves everybody. */
export const labServers = ['203.0.113.1', '203.0.113.2'] as const

/** A machine of the lab. */
export interface LabHost {
  readonly nat: LabNat
  readonly address: string
  /** By which others know it: its own, or its router's. */
  readonly outside: string
  /** Calls it while this thread is there: sockets that are made by the call stay there. */
  readonly inside: <T>(call: () => T) => T
  /** Put before a command line, it runs there. */
  readonly prefix: readonly string[]
  /** As {@link inside}, and until the turn of the event loop is over: for a connection, which is made at its end. */
  readonly throughTurn: <T>(call: () => T) => T
  /** Puts rules of nftables into its router in the place of those before; undefined takes them away. */
  readonly filter: (rules: string | undefined) => Promise<void>
  /** A router that blocks UDP lets it through, as a port-restricted one does, or blocks it again. */
  readonly blockUdp: (isBlocked: boolean) => Promise<void>
}

const setns = koffi.load('libc.so.6').func('int setns(int fd, int kind)') as (fd: number, kind: number) => number
const netKind = 0x4000_0000

function callInside<T>(pid: string, call: () => T): T {
  const leave = enter(pid)
  try {
    return call()
  } finally {
    leave()
  }
}

/** This thread is there until the function is called that it gives. */
function enter(pid: string): () => void {
  const [there, back] = [`/proc/${pid}/ns/net`, '/proc/thread-self/ns/net'].map((path) => openSync(path, 'r')) as [
    number,
    number,
  ]
  const close = () => {
    closeSync(there)
    closeSync(back)
  }
  if (setns(there, netKind) !== 0) {
    close()
    throw new Error('Cannot enter a network namespace')
  }
  return () => {
    setns(back, netKind)
    close()
  }
}

function throughTurn<T>(pid: string, call: () => T): T {
  const leave = enter(pid)
  try {
    return call()
  } finally {
    process.nextTick(leave)
  }
}

/**
 * Machines behind routers of every kind on one public segment, this process on it too. To be opened in a network namespace of one's own
 * (`inPrivateNetwork`).
 *
 *     host 10.0.N.2 ---- 10.0.N.1 router 203.0.113.1N ----.
 *     host 203.0.113.10N (open) --------------------------+-- 203.0.113.1, .2 this process
 *
 * Routers are of nftables. An unsolicited datagram is dropped before connection tracking keeps it: it would otherwise take the port that
 * the next one from inside should have.
 */
export class NatLab implements AsyncDisposable {
  readonly hosts: LabHost[] = []
  readonly #namespaces: NetNamespace[] = []

  /** One machine for each of the kinds, in their order. */
  static async open(nats: readonly LabNat[]): Promise<NatLab> {
    const lab = new NatLab()
    try {
      await ip(
        'link set lo up',
        'link add br0 type bridge',
        'link set br0 up',
        ...labServers.map((address) => `address add ${address}/24 dev br0`),
        ...intoTheVoid('br0'),
      )
      for (const [index, nat] of nats.entries()) lab.hosts.push(await lab.#addHost(nat, index + 1))
      return lab
    } catch (error) {
      await lab[Symbol.asyncDispose]()
      throw error
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Those of a namespace that is gone would stay for a moment, in the way of another lab.
    const plugs = this.hosts.map((_, index) => `link delete p${index + 1}`)
    await batch(['ip', '-force', '-batch', '-'], [...plugs, 'link delete br0']).catch(() => {})
    for (const namespace of this.#namespaces.toReversed()) await namespace[Symbol.asyncDispose]()
  }

  async #addHost(nat: LabNat, number: number): Promise<LabHost> {
    const host = await this.#namespace()
    if (nat === 'open') {
      const address = `203.0.113.${100 + number}`
      await plug(host, 'eth0', number, `${address}/24`)
      await inside(host, 'link set lo up', ...intoTheVoid('eth0'))
      return { nat, address, outside: address, ...waysInto(host, host) }
    }
    const router = await this.#namespace()
    const lan = `10.0.${number}`
    await plug(router, 'wan', number, `203.0.113.${10 + number}/24`)
    await inside(
      router,
      'link set lo up',
      ...intoTheVoid('wan'),
      `link add lan type veth peer name eth0 netns ${host.pid}`,
      `address add ${lan}.1/24 dev lan`,
      'link set lan up',
    )
    await router.run('sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward')
    await inside(
      host,
      'link set lo up',
      `address add ${lan}.2/24 dev eth0`,
      'link set eth0 up',
      `route add default via ${lan}.1`,
    )
    await router.run('nft', rulesOf(nat, `${lan}.0/24`))
    const outside = `203.0.113.${10 + number}`
    return { nat, address: `${lan}.2`, outside, ...waysInto(host, router) }
  }

  async #namespace(): Promise<NetNamespace> {
    const namespace = await NetNamespace.open()
    this.#namespaces.push(namespace)
    return namespace
  }
}

function waysInto(
  host: NetNamespace,
  router: NetNamespace,
): Pick<LabHost, 'inside' | 'throughTurn' | 'prefix' | 'filter' | 'blockUdp'> {
  return {
    inside: (call) => callInside(host.pid, call),
    throughTurn: (call) => throughTurn(host.pid, call),
    prefix: host.prefix,
    filter: (rules) =>
      router.run(
        'nft',
        `add table ip mishap; delete table ip mishap; ${rules === undefined ? '' : `table ip mishap {\n${rules}\n}`}`,
      ),
    blockUdp: (isBlocked) => router.run('nft', isBlocked ? `table ip lab {\n${noUdp}\n}` : 'delete chain ip lab no'),
  }
}

const noUdp = 'chain no { type filter hook forward priority filter; meta l4proto udp drop; }'

/** What a router of that kind does. */
function rulesOf(nat: Exclude<LabNat, 'open'>, lan: string): string {
  const masquerade = (how: string) =>
    `chain out { type nat hook postrouting priority srcnat; oifname "wan" ip saddr ${lan} masquerade${how}; }`
  const unsolicited =
    'chain unsolicited { type filter hook input priority filter; iifname "wan" meta l4proto udp drop; }'
  const owners =
    'map owners { type inet_service : ipv4_addr . inet_service; flags dynamic,timeout; timeout 120s; size 65535; }'
  const seen = 'set seen { type inet_service . ipv4_addr; flags dynamic,timeout; timeout 120s; size 65535; }'
  const learn = (more: string) =>
    `chain learn { type filter hook forward priority filter; iifname "lan" oifname "wan" meta l4proto udp update @owners { udp sport : ip saddr . udp sport }${more}; }`
  const letIn = (whom: string) =>
    `chain in { type nat hook prerouting priority dstnat; iifname "wan" ${whom} dnat ip to udp dport map @owners; }`
  const parts: Readonly<Record<Exclude<LabNat, 'open'>, readonly string[]>> = {
    'full cone': [owners, letIn('meta l4proto udp'), learn('')],
    restricted: [owners, seen, letIn('udp dport . ip saddr @seen'), learn(' update @seen { udp sport . ip daddr }')],
    'port-restricted': [],
    symmetric: [],
    'udp-blocked': [noUdp],
  }
  const how = nat === 'symmetric' ? ' random,fully-random' : ''
  return `table ip lab {\n${[...parts[nat], masquerade(how), unsolicited].join('\n')}\n}`
}

/** A default route where nothing answers: without one, sending to a private address of somebody else fails at once. */
function intoTheVoid(device: string): string[] {
  return [
    `neighbour add 203.0.113.254 lladdr 02:00:00:00:00:fe dev ${device} nud permanent`,
    `route add default via 203.0.113.254`,
  ]
}

/** Joins a namespace to the public segment. */
async function plug(namespace: NetNamespace, device: string, number: number, address: string): Promise<void> {
  await ip(
    `link add p${number} type veth peer name ${device} netns ${namespace.pid}`,
    `link set p${number} master br0 up`,
  )
  await inside(namespace, `address add ${address} dev ${device}`, `link set ${device} up`)
}

async function inside(namespace: NetNamespace, ...changes: readonly string[]): Promise<void> {
  await batch([...namespace.prefix, 'ip', '-batch', '-'], changes)
}

async function ip(...changes: readonly string[]): Promise<void> {
  await batch(['ip', '-batch', '-'], changes)
}

async function batch([program = '', ...args]: readonly string[], changes: readonly string[]): Promise<void> {
  const running = run(program, args)
  running.child.stdin?.end(changes.map((change) => `${change}\n`).join(''))
  await running
}
