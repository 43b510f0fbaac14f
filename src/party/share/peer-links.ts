import type { Clock, Timer } from '../../kernel/clock.ts'
import type { Unsubscribe } from '../../kernel/readable.ts'
import type { DatagramPath } from '../../net/contract/datagram-path.ts'
import { BitrateController } from '../../net/congestion/bitrate-controller.ts'
import { bestCrypto } from '../../net/native/best-crypto.ts'
import { SecureEndpoint } from '../../net/native/secure-endpoint.ts'
import type { SecureLink } from '../../net/native/secure-link.ts'
import type { ByteStream } from '../../net/streams/byte-stream.ts'
import { StreamError } from '../../net/streams/stream-error.ts'
import { mostStreams } from '../../net/streams/streams.ts'
import { Transport } from '../../net/streams/transport.ts'
import type { KeyPair } from '../../wire/native/noise-crypto.ts'
import { decodeKey, encodeKey } from '../../wire/wireguard/wireguard-key.ts'
import type { PartyMember, PeerListener } from '../connection/peer-connections.ts'
import { ShareError } from './share-error.ts'

export interface PeerLinksOptions {
  readonly own: KeyPair
  /** What carries datagrams to peers, by whatever path. */
  readonly carrier: { send(peerId: string, bytes: Uint8Array): boolean; listen(listener: PeerListener): Unsubscribe }
  /** All others, now. */
  readonly members: () => readonly PartyMember[]
  readonly clock: Clock
  readonly random: () => number
  /** A member has opened a stream. */
  readonly onStream: (stream: ByteStream, from: PartyMember) => void
}

/** To one peer: eight streams each. */
const mostLinks = 8
const idleMs = 30_000
const mostPaths = 2048
/** Files and worlds go by it as fast as the path lets them. */
const rates = { startBps: 10_000_000, capBps: 400_000_000 }

interface OpenLink {
  readonly link: SecureLink
  readonly transport: Transport
  streams: number
  /** Ends it, where it carries nothing. */
  idle: Timer | undefined
}

/** Encrypted streams to other members, proved by the keys that the party knows them by. */
export class PeerLinks implements Disposable {
  readonly #options: PeerLinksOptions
  readonly #endpoint: SecureEndpoint
  readonly #paths = new Map<string, DatagramPath>()
  readonly #links = new Map<string, OpenLink[]>()
  readonly #unlisten: Unsubscribe
  #isClosed = false

  constructor(options: PeerLinksOptions) {
    const { own, carrier, clock, random } = options
    this.#options = options
    this.#endpoint = new SecureEndpoint({
      crypto: bestCrypto(),
      clock,
      own,
      random,
      answers: { role: 'peer', takesStrangers: false, mostLinksOfOrigin: mostLinks },
      port: { send: (bytes, { origin }) => carrier.send(origin, bytes) },
      onLink: (link) => this.#linked(link),
    })
    this.#unlisten = carrier.listen((peerId, bytes) => this.#endpoint.receive(bytes, this.#pathTo(peerId)))
  }

  /** Rejects with ShareError `unreachable` or `busy`. */
  async open(member: PartyMember): Promise<ByteStream> {
    for (const open of this.#links.get(member.id) ?? []) {
      const stream = this.#openOn(open)
      if (stream) return stream
    }
    const stream = this.#openOn(await this.#dial(member))
    if (stream) return stream
    throw new ShareError('busy', `There are as many connections to ${member.name} as there may be`)
  }

  [Symbol.dispose](): void {
    this.#isClosed = true
    this.#unlisten()
    this.#endpoint[Symbol.dispose]()
    for (const { transport, idle } of [...this.#links.values()].flat()) {
      idle?.cancel()
      void transport.close()
    }
    this.#links.clear()
  }

  /** Undefined where there is no room: the other end may not have heard yet that those before are over. */
  #openOn(open: OpenLink): ByteStream | undefined {
    if (open.streams >= mostStreams || !open.link.isOpen) return undefined
    let stream: ByteStream
    try {
      stream = open.transport.openStream()
    } catch (error) {
      if (error instanceof StreamError) return undefined
      throw error
    }
    open.streams++
    open.idle?.cancel()
    void stream.closed.then(() => this.#ended(open))
    return stream
  }

  /** A link that carries nothing for a while goes. */
  #ended(open: OpenLink): void {
    open.streams--
    if (this.#isClosed || open.streams > 0) return
    open.idle = this.#options.clock.after(idleMs, () => void open.transport.close('idle'))
  }

  async #dial(member: PartyMember): Promise<OpenLink> {
    if ((this.#links.get(member.id)?.length ?? 0) >= mostLinks) {
      throw new ShareError('busy', `There are as many connections to ${member.name} as there may be`)
    }
    try {
      const peerKey = decodeKey(member.publicKey)
      const link = await this.#endpoint.dial({ path: this.#pathTo(member.id), role: 'peer', peerKey })
      return this.#carry(link, member, true)
    } catch (error) {
      throw new ShareError('unreachable', `${member.name} does not answer`, { cause: error })
    }
  }

  /** One that another member has opened: by the key and the path that the party knows it by, or not at all. */
  #linked(link: SecureLink): void {
    const key = encodeKey(link.peerKey)
    const member = this.#options.members().find(({ id, publicKey }) => id === link.path.origin && publicKey === key)
    if (member && !this.#isClosed) this.#carry(link, member, false)
    else link.close('refused', 'Not a member of this party')
  }

  #carry(link: SecureLink, member: PartyMember, isCaller: boolean): OpenLink {
    const { clock, onStream } = this.#options
    const transport = new Transport({
      channel: link,
      clock,
      isCaller,
      controller: new BitrateController(rates),
      events: {
        stream: (stream) => onStream(stream, member),
        datagram: () => {},
        missing: () => {},
        keyWanted: () => {},
        reported: () => {},
      },
    })
    const open: OpenLink = { link, transport, streams: 0, idle: undefined }
    // Only links that were dialled here carry what is opened here: each end opens streams on its own.
    if (isCaller) {
      this.#links.set(member.id, [...(this.#links.get(member.id) ?? []), open])
      void transport.closed.then(() => this.#forget(member.id, open))
    }
    return open
  }

  #forget(memberId: string, gone: OpenLink): void {
    gone.idle?.cancel()
    const left = (this.#links.get(memberId) ?? []).filter((each) => each !== gone)
    if (left.length > 0) this.#links.set(memberId, left)
    else this.#links.delete(memberId)
  }

  /** One for each peer, however its datagrams go: links never move, as paths do below them. */
  #pathTo(peerId: string): DatagramPath {
    const known = this.#paths.get(peerId)
    if (known) return known
    const path: DatagramPath = { name: `peer ${peerId}`, kind: 'direct', origin: peerId }
    if (this.#paths.size >= mostPaths) this.#paths.clear()
    this.#paths.set(peerId, path)
    return path
  }
}
