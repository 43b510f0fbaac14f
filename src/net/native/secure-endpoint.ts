import type { Clock, Timer } from '../../kernel/clock.ts'
import type { KeyPair, NoiseCrypto } from '../../wire/native/noise-crypto.ts'
import { decodePacket, isNative, type NativePacket } from '../../wire/native/packet.ts'
import { WireError } from '../../wire/wire-error.ts'
import type { DatagramPath, PathPort } from '../contract/datagram-path.ts'
import { Answering, usualAnswerRules, type AnswerFault, type AnswerRules } from './answering.ts'
import { ChannelResets } from './channel-resets.ts'
import { Dialling, type DialOptions } from './dialling.ts'
import { KnownCookies } from './known-cookies.ts'
import { NativeError } from './native-error.ts'
import { usualRules, type LinkRules, type SecureLink } from './secure-link.ts'

export interface SecureEndpointOptions {
  readonly crypto: NoiseCrypto
  readonly clock: Clock
  readonly port: PathPort
  /** Who this end is. */
  readonly own: KeyPair
  /** Uniform in [0, 1), for the spread of retries. */
  readonly random: () => number
  /** Takes the channels that others open; without it nobody is let in. */
  readonly onLink?: (link: SecureLink) => void
  /** What came to nothing, for operators: never more than came, and nothing that has to be kept. */
  readonly onFault?: (fault: EndpointFault, path: DatagramPath) => void
  /** Where it is, the same after a restart; what tells apart ends that have the same key: a port. */
  readonly place?: string
  readonly rules?: Partial<LinkRules>
  readonly answers?: Partial<AnswerRules>
}

/** What came to nothing of what came: of handshakes, or a packet for nobody, or no packet at all. */
export type EndpointFault = AnswerFault | 'unknown-receiver' | 'malformed'

const tickMs = 50

type Receiver =
  | { readonly kind: 'dialling'; readonly dialling: Dialling }
  | { readonly kind: 'link'; readonly link: SecureLink }

/**
 * All channels of one identity over one port, those that it opens and those that are opened to it. Whoever reads the socket hands over
 * what comes, with the path by which it came.
 */
export class SecureEndpoint implements Disposable {
  readonly #options: SecureEndpointOptions
  readonly #rules: LinkRules
  readonly #answerRules: AnswerRules
  readonly #answering: Answering
  readonly #resets: ChannelResets
  readonly #cookies = new KnownCookies()
  readonly #receivers = new Map<number, Receiver>()
  readonly #faults = new Map<EndpointFault, number>()
  #timer: Timer | undefined
  #isClosed = false

  constructor(options: SecureEndpointOptions) {
    const { crypto, clock, port, own, place = '' } = options
    this.#options = options
    this.#rules = { ...usualRules, ...options.rules }
    this.#answerRules = { ...usualAnswerRules, ...options.answers }
    this.#resets = new ChannelResets({ crypto, own, place, nowMs: clock.nowMs() })
    this.#answering = new Answering({
      crypto,
      clock,
      port,
      own,
      rules: this.#answerRules,
      linkRules: this.#rules,
      resets: this.#resets,
      newIndex: () => this.#newIndex(),
      linksOf: (origin) => this.#openLinks.filter(({ path }) => path.origin === origin).length,
      opened: (link) => this.#opened(link),
      failed: (fault, path) => this.#fault(fault, path),
    })
  }

  /** How often what came to nothing, by why. */
  get faults(): ReadonlyMap<EndpointFault, number> {
    return this.#faults
  }

  /** Channels that are open, and handshakes on their way. */
  get counts(): { readonly links: number; readonly pending: number } {
    const dialling = [...this.#receivers.values()].filter(({ kind }) => kind === 'dialling').length
    return { links: this.#openLinks.length, pending: dialling + this.#answering.pending }
  }

  /** Opens a channel. Rejects with NativeError. */
  async dial(options: DialOptions): Promise<SecureLink> {
    const ownIndex = this.#isClosed ? undefined : this.#newIndex()
    if (ownIndex === undefined) {
      throw this.#isClosed
        ? new NativeError('closed', 'Cannot open a channel: this end is closing')
        : new NativeError('busy', 'Cannot open a channel: this end has too many')
    }
    const kept = { rules: this.#rules, cookies: this.#cookies, ownIndex }
    const dialling = new Dialling({ ...this.#options, ...options, ...kept })
    this.#receivers.set(ownIndex, { kind: 'dialling', dialling })
    this.#wake()
    return dialling.done
  }

  /** This path leads by another way from now on, under the same name. */
  pathMoved(path: DatagramPath): void {
    for (const link of this.linksOn(path)) link.pathMoved()
  }

  /** The channels whose packets take that path. */
  linksOn({ name }: DatagramPath): readonly SecureLink[] {
    return this.#openLinks.filter(({ path }) => path.name === name)
  }

  /** Takes what came. False for what is no packet of this protocol: it may be somebody else's on the same port. */
  receive(bytes: Uint8Array, path: DatagramPath): boolean {
    if (!isNative(bytes)) return false
    if (this.#isClosed) return true
    try {
      this.#take(decodePacket(bytes), path)
    } catch (error) {
      if (!(error instanceof WireError)) throw error
      this.#fault('malformed', path)
    }
    return true
  }

  /** Says goodbye to all, and takes nothing any more. */
  [Symbol.dispose](): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#timer?.cancel()
    for (const receiver of this.#receivers.values()) {
      if (receiver.kind === 'link') receiver.link.close('going-away')
      else receiver.dialling.close()
    }
    this.#receivers.clear()
  }

  get #openLinks(): readonly SecureLink[] {
    return [...this.#receivers.values()].flatMap((each) => (each.kind === 'link' && each.link.isOpen ? each.link : []))
  }

  #take(packet: NativePacket, path: DatagramPath): void {
    if (packet.type === 'initiation' || packet.type === 'other-version') return this.#initiated(packet, path)
    if (packet.type === 'reset') return this.#reset(packet, path)
    const receiver = this.#receivers.get(packet.receiver)
    if (receiver?.kind === 'link') {
      if (packet.type === 'data') receiver.link.receive(packet, path)
    } else if (receiver?.kind === 'dialling') {
      this.#dialled(packet.receiver, receiver.dialling, packet, path)
    } else if (this.#answering.has(packet.receiver)) {
      if (packet.type === 'finish' || packet.type === 'data') this.#answering.receive(packet.receiver, packet, path)
    } else {
      this.#fault('unknown-receiver', path)
      // Who lets nobody in was called by nobody.
      if (packet.type !== 'data' || !this.#options.onLink) return
      const { clock, port } = this.#options
      const reset = this.#resets.answerTo(packet.receiver, path, clock.nowMs())
      if (reset) port.send(reset, path)
    }
  }

  #reset({ sender, token }: Extract<NativePacket, { type: 'reset' }>, path: DatagramPath): void {
    for (const receiver of this.#receivers.values()) {
      if (receiver.kind === 'link' && receiver.link.reset(sender, token)) return
    }
    this.#fault('unknown-receiver', path)
  }

  #initiated(packet: Extract<NativePacket, { type: 'initiation' | 'other-version' }>, path: DatagramPath): void {
    // To whoever does not know that it is here, an end that lets nobody in says nothing.
    if (!this.#options.onLink) return
    if (packet.type === 'other-version') return this.#answering.refuse(packet.sender, 'version', path)
    this.#answering.initiated(packet, path)
    this.#wake()
  }

  #dialled(index: number, dialling: Dialling, packet: NativePacket, path: DatagramPath): void {
    dialling.receive(packet, path)
    const { opened: link } = dialling
    if (link) this.#receivers.set(index, { kind: 'link', link })
  }

  #opened(link: SecureLink): void {
    this.#receivers.set(link.ownIndex, { kind: 'link', link })
    this.#options.onLink?.(link)
  }

  #newIndex(): number | undefined {
    if (this.#receivers.size + this.#answering.pending >= this.#answerRules.mostLinks) return undefined
    for (;;) {
      const bytes = this.#options.crypto.random(4)
      const index = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
      if (!this.#receivers.has(index) && !this.#answering.has(index)) return index
    }
  }

  #fault(fault: EndpointFault, path: DatagramPath): void {
    this.#faults.set(fault, (this.#faults.get(fault) ?? 0) + 1)
    this.#options.onFault?.(fault, path)
  }

  #wake(): void {
    this.#timer ??= this.#options.clock.every(tickMs, () => this.#tick())
  }

  #tick(): void {
    this.#answering.tick()
    for (const [index, receiver] of this.#receivers) {
      const isOver = receiver.kind === 'link' ? receiver.link.tick() : receiver.dialling.tick()
      if (isOver) this.#receivers.delete(index)
    }
    if (this.#receivers.size > 0 || this.#answering.pending > 0) return
    this.#timer?.cancel()
    this.#timer = undefined
  }
}
