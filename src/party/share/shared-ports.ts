import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import type { ShareProtocol } from '../../wire/party/share.ts'
import type { PartyMember } from '../connection/peer-connections.ts'
import { givenUpCode } from './carry-connection.ts'
import { FramedReader } from './framed-reader.ts'
import { lookInto, type SeenLobby, type ShowLobby } from './lobby-looks.ts'
import { PeerLinks, type PeerLinksOptions } from './peer-links.ts'
import { openPortForward, type PortForward } from './port-forward.ts'
import { PortShares } from './port-shares.ts'
import { ShareError } from './share-error.ts'

/** A port of this machine that leads to another member's. */
export interface OpenedPort {
  readonly memberId: string
  readonly protocol: ShareProtocol
  /** As that member calls it. */
  readonly port: number
  /** On this machine, at 127.0.0.1. */
  readonly localPort: number
}

export interface SharedPortsOptions extends Omit<PeerLinksOptions, 'onStream'> {
  /** How lobbies here look to members; nothing is shown without it. */
  readonly show?: ShowLobby | undefined
  readonly clock: Clock
  readonly log: Log
}

const mostOpened = 64
/** A member who takes longer shows nothing. */
const lookMs = 5000

/** Single ports of members, for each other, over encrypted links: what can be had without any right to change the network. */
export class SharedPorts implements AsyncDisposable {
  /** What this machine shares. */
  readonly shares: PortShares
  readonly #options: SharedPortsOptions
  readonly #links: PeerLinks
  readonly #opened = new Map<PortForward, OpenedPort>()

  constructor(options: SharedPortsOptions) {
    this.#options = options
    this.shares = new PortShares(options.log, options.show)
    this.#links = new PeerLinks({ ...options, onStream: (stream, from) => void this.shares.take(stream, from) })
  }

  /** Those that rest among them. */
  get opened(): readonly (OpenedPort & { readonly isListening: boolean })[] {
    return [...this.#opened].map(([{ isListening }, opened]) => ({ ...opened, isListening }))
  }

  /**
   * Opens a port of this machine that leads to a member's; whether that is shared shows when it is used. Rejects with ShareError
   * `invalid` for nobody of this party, `busy`, or `port-in-use`.
   */
  async open(wanted: {
    readonly memberId: string
    readonly protocol: ShareProtocol
    readonly port: number
    /** The same, unless given; 0 for any that is free. */
    readonly localPort?: number
  }): Promise<OpenedPort> {
    const { memberId, protocol, port, localPort = port } = wanted
    const { clock, log } = this.#options
    if (!this.#member(memberId)) throw new ShareError('invalid', `There is no "${memberId}" in this party`)
    if (this.#opened.size >= mostOpened)
      throw new ShareError('busy', `Cannot open one more port: ${mostOpened} are open`)
    const openStream = () => {
      // By its id: it may have left, or come back with another key.
      const member = this.#member(memberId)
      if (!member) return Promise.reject(new ShareError('unreachable', `"${memberId}" has left the party`))
      return this.#links.open(member)
    }
    const forward = await openPortForward({ protocol, port, localPort, openStream, clock, log })
    const opened = { memberId, protocol, port, localPort: forward.port }
    this.#opened.set(forward, opened)
    void forward.closed.then(() => this.#opened.delete(forward))
    return opened
  }

  /** How a lobby of a member looks. Rejects with ShareError `unreachable`, `busy` or `violation`, a WireError or a StreamError. */
  async look(memberId: string, lobby: { lobbyId: string; tag: string | undefined }): Promise<SeenLobby> {
    const member = this.#member(memberId)
    if (!member) throw new ShareError('unreachable', `There is no "${memberId}" in this party`)
    const stream = await this.#links.open(member)
    const timer = this.#options.clock.after(lookMs, () => stream.reset(givenUpCode))
    const reader = new FramedReader(stream.incoming)
    try {
      const seen = await lookInto(stream, reader, lobby)
      await stream.finish()
      return seen
    } catch (error) {
      stream.reset(givenUpCode)
      throw error
    } finally {
      timer.cancel()
      await reader.close()
    }
  }

  /** False where there is no such local port. */
  async close(protocol: ShareProtocol, localPort: number): Promise<boolean> {
    const found = this.#forwardOf(protocol, localPort)
    await found?.close()
    return found !== undefined
  }

  /** Its member is away: programs are refused there at once until {@link resume}, and connections that live on go on. */
  rest(protocol: ShareProtocol, localPort: number): void {
    this.#forwardOf(protocol, localPort)?.rest()
  }

  /** Rejects with ShareError `port-in-use` where somebody else has taken it meanwhile. */
  async resume(protocol: ShareProtocol, localPort: number): Promise<void> {
    await this.#forwardOf(protocol, localPort)?.resume()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#opened.keys()].map((forward) => forward.close()))
    this.#links[Symbol.dispose]()
  }

  #forwardOf(protocol: ShareProtocol, localPort: number): PortForward | undefined {
    return [...this.#opened].find(([, each]) => each.protocol === protocol && each.localPort === localPort)?.[0]
  }

  #member(id: string): PartyMember | undefined {
    return this.#options.members().find((member) => member.id === id)
  }
}
