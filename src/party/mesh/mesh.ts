import { type Closable, Ending } from '../../kernel/ending.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import type { Log } from '../../kernel/log.ts'
import type { WireGuardPeerStatus } from '../../wire/wireguard/wireguard-device.ts'
import { decodeKey, encodeKey } from '../../wire/wireguard/wireguard-key.ts'
import { WireError } from '../../wire/wire-error.ts'
import type { PartyMember, PeerListener } from '../connection/peer-connections.ts'
import type { WireGuardKind } from './contract/wireguard.ts'
import { MeshInterface, type MeshInterfaceOptions } from './device/mesh-interface.ts'
import { LoopbackProxy } from './loopback-proxy.ts'

/**
 * What an interface carries in one packet. WireGuard adds 32 bytes, a relay 7, UDP and IPv6 48: 1,367 at most, which fit a relay's
 * limit of 1,400 and every network that people have.
 */
export const meshMtuBytes = 1280
/** So that WireGuard shakes hands at once and keeps its sessions, whether or not there is traffic. */
const keepaliveS = 25

/** What carries the mesh's datagrams to its peers. */
export interface MeshCarrier {
  send(peerId: string, bytes: Uint8Array): boolean
  listen(listener: PeerListener): () => void
}

export interface MeshOptions extends Omit<MeshInterfaceOptions, 'mtuBytes'> {
  readonly carrier: MeshCarrier
  readonly mtuBytes?: number
}

/** A peer in the virtual network. */
export interface MeshPeer {
  readonly peerId: string
  readonly virtualIp: string
  /** WireGuard's last handshake, since the Unix epoch; undefined before the first. */
  readonly handshakeMs: number | undefined
  readonly receivedBytes: number
  readonly sentBytes: number
}

interface Joined {
  readonly member: PartyMember
  readonly proxy: LoopbackProxy
}

/** The virtual network of a party on this machine: one interface of WireGuard, whose peers are reached by the paths that connections have. */
export class Mesh implements Closable {
  readonly closed: Closable['closed']
  readonly #device: MeshInterface
  readonly #carrier: MeshCarrier
  readonly #log: Log
  readonly #listenPort: number
  readonly #peers = new Map<string, Joined>()
  readonly #ending: Ending
  /** Changes go one after the other. */
  #last: Promise<void> = Promise.resolve()

  private constructor(device: MeshInterface, listenPort: number, { carrier, log }: MeshOptions) {
    this.#device = device
    this.#carrier = carrier
    this.#log = log
    this.#listenPort = listenPort
    const unlisten = carrier.listen((peerId, bytes) => this.#peers.get(peerId)?.proxy.receive(bytes) ?? false)
    this.#ending = new Ending(async () => {
      unlisten()
      await this.#last
      await device.close()
      await Promise.all([...this.#peers.values()].map(({ proxy }) => proxy.close()))
      this.#peers.clear()
    })
    this.closed = this.#ending.closed
    void device.closed.then((end) => (end.kind === 'error' ? this.#ending.fail(end.error) : this.close(end.reason)))
  }

  /** Rejects with MeshError; nothing is left then. */
  static async open(options: MeshOptions): Promise<Mesh> {
    const device = await MeshInterface.open({ ...options, mtuBytes: options.mtuBytes ?? meshMtuBytes })
    try {
      return new Mesh(device, (await device.status()).listenPort, options)
    } catch (error) {
      await device.close()
      throw error
    }
  }

  /** Of the interface. */
  get name(): string {
    return this.#device.name
  }

  get kind(): WireGuardKind {
    return this.#device.kind
  }

  /** Who the others are. Resolves when WireGuard knows; rejects with MeshError. */
  setPeers(members: readonly PartyMember[]): Promise<void> {
    const done = this.#last.then(() => this.#setPeers(members))
    this.#last = done.catch(() => {})
    return done
  }

  /** Each peer as WireGuard sees it. Rejects with MeshError. */
  async peers(): Promise<readonly MeshPeer[]> {
    const { peers } = await this.#device.status()
    const byKey = new Map<string, WireGuardPeerStatus>(peers.map((peer) => [encodeKey(peer.publicKey), peer]))
    return [...this.#peers].map(([peerId, { member }]) => {
      const { handshakeMs, receivedBytes = 0, sentBytes = 0 } = byKey.get(member.publicKey) ?? {}
      return { peerId, virtualIp: member.virtualIp, handshakeMs, receivedBytes, sentBytes }
    })
  }

  close(reason?: string): Promise<void> {
    return this.#ending.close(reason)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #setPeers(members: readonly PartyMember[]): Promise<void> {
    if (this.#ending.begun) return
    const wanted = new Map(members.filter((member) => this.#canJoin(member)).map((member) => [member.id, member]))
    for (const [id, { member }] of this.#peers) {
      const now = wanted.get(id)
      if (now?.publicKey === member.publicKey && now.virtualIp === member.virtualIp) wanted.delete(id)
      else await this.#remove(id)
    }
    for (const member of wanted.values()) await this.#add(member)
  }

  async #add(member: PartyMember): Promise<void> {
    const proxy = await LoopbackProxy.open(this.#listenPort, (bytes) => void this.#carrier.send(member.id, bytes))
    const { virtualIp } = member
    const publicKey = decodeKey(member.publicKey)
    const allowedIps = [`${virtualIp}/32`]
    try {
      await this.#device.change({ peers: [{ publicKey, endpoint: proxy.address, allowedIps, keepaliveS }] })
      this.#peers.set(member.id, { member, proxy })
    } catch (error) {
      await proxy.close()
      throw error
    }
  }

  async #remove(id: string): Promise<void> {
    const joined = this.#peers.get(id)
    if (!joined) return
    this.#peers.delete(id)
    await joined.proxy.close()
    await this.#device.change({ peers: [{ publicKey: decodeKey(joined.member.publicKey), isRemoved: true }] })
  }

  /** One without an address or a key is in the party and not in its network: its own program knows nothing of it. */
  #canJoin({ id, name, publicKey, virtualIp }: PartyMember): boolean {
    try {
      decodeKey(publicKey)
    } catch (error) {
      if (!(error instanceof WireError)) throw error
      this.#log.debug('A member is not in the network: it has no key', { peer: id, name, why: messageOf(error) })
      return false
    }
    return virtualIp !== ''
  }
}
