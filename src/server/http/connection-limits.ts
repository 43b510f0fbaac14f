import type { Socket } from 'node:net'
import { sourceOf } from '../../net/udp/source-of.ts'
import type { Place, Queue } from '../../http/turnstile.ts'

/**
 * Connections of strangers on which this end waits for the client: of one source, and in all. As many again may be there that
 * wait for this end, or have come just now.
 */
export interface StrangerLimits {
  readonly perSource: number
  readonly inAll: number
}

export const strangerLimits: StrangerLimits = { perSource: 64, inAll: 256 }

/** So long after it came a connection gives way only when there is no more room at all: what it has to say is on its way. */
const graceMs = 250

/** Who holds a connection, once a request on it has brought a right token. */
export interface Holder {
  /** One for each member. */
  readonly key: string
  readonly queue: Exclude<Queue, 'strangers'>
}

interface Connection {
  readonly socket: Socket
  readonly source: string
  holder: (Holder & { readonly release: () => void }) | undefined
  isBusy: () => boolean
  /** Since when it is waited for. */
  sinceMs: number
  /** Whoever speaks another protocol on it ends it. */
  isUpgraded: boolean
}

/**
 * Whose each connection is. It is a stranger's until a request on it brings a right token, and is one again when what it
 * brings is right no more. A stranger too many takes the place of the one that this end has waited for longest, so that
 * nobody can keep others out by holding on to connections.
 */
export class ConnectionLimits {
  /** By what was accepted, and by what goes on inside of it. */
  readonly #connections = new WeakMap<Socket, Connection>()
  /** Those of strangers, longest waited for first. */
  readonly #strangers = new Set<Connection>()
  readonly #sources = new Map<string, Set<Connection>>()
  readonly #limits: StrangerLimits
  readonly #nowMs: () => number
  #dropped = 0
  #turnedAway = 0

  /** `nowMs` is monotonic; the machine's when left out. */
  constructor(limits: StrangerLimits = strangerLimits, nowMs: () => number = () => performance.now()) {
    this.#limits = limits
    this.#nowMs = nowMs
  }

  /** Connections of strangers that are open now. */
  get strangers(): number {
    return this.#strangers.size
  }

  /** Connections of strangers that were ended to make room for others. */
  get dropped(): number {
    return this.#dropped
  }

  /** Times that something on a connection found no room to wait. */
  get turnedAway(): number {
    return this.#turnedAway
  }

  /** Something on a connection found no room to wait. */
  turnAway(): void {
    this.#turnedAway++
  }

  /** A connection was made. It is destroyed when nobody else can give way. */
  opened(socket: Socket): void {
    const source = sourceOf(socket.remoteAddress ?? '')
    const connection: Connection = {
      socket,
      source,
      holder: undefined,
      isBusy: () => false,
      isUpgraded: false,
      sinceMs: 0,
    }
    this.#connections.set(socket, connection)
    socket.once('close', () => this.#closed(connection))
    this.#addStranger(connection)
  }

  /** An opened connection goes on as another socket, inside TLS. */
  secured(inner: Socket, outer: Socket): void {
    const connection = this.#connections.get(outer)
    if (connection) this.#connections.set(inner, connection)
  }

  /** How to tell whether a connection waits for this end; it waits for the client until this is said. */
  watch(socket: Socket, isBusy: () => boolean): void {
    const connection = this.#connections.get(socket)
    if (connection) connection.isBusy = isBusy
  }

  /** The client has done what it was waited for. */
  progressed(socket: Socket): void {
    const connection = this.#connections.get(socket)
    if (!connection || !this.#strangers.has(connection)) return
    this.#removeStranger(connection)
    this.#file(connection)
  }

  /** Where its work waits. */
  placeOf(socket: Socket): Place {
    const connection = this.#connections.get(socket)
    const holder = connection?.holder
    if (holder) return { queue: holder.queue, flow: holder.key }
    return { queue: 'strangers', flow: connection?.source ?? '' }
  }

  /**
   * A request on this connection brought a right token. `take` counts the connection among those of whose token it is, and
   * returns what counts it no more; what it throws leaves everything as it was.
   */
  admitted(socket: Socket, holder: Holder, take: () => () => void): void {
    const connection = this.#connections.get(socket)
    if (!connection || connection.holder?.key === holder.key || connection.socket.destroyed) return
    const release = take()
    connection.holder?.release()
    connection.holder = { ...holder, release }
    this.#removeStranger(connection)
  }

  /** What a request on this connection brought is not right any more. */
  refused(socket: Socket): void {
    const connection = this.#connections.get(socket)
    if (!connection?.holder) return
    connection.holder.release()
    connection.holder = undefined
    if (!connection.socket.destroyed) this.#addStranger(connection)
  }

  /** The connection goes on with another protocol. */
  upgraded(socket: Socket): void {
    const connection = this.#connections.get(socket)
    if (connection) connection.isUpgraded = true
  }

  /** Ends a connection whose holder may not be here any more, once what ends with it was told so. */
  end(socket: Socket): void {
    const connection = this.#connections.get(socket)
    if (connection && !connection.isUpgraded) setImmediate(() => connection.socket.destroy())
  }

  #addStranger(connection: Connection): void {
    const own = this.#sources.get(connection.source) ?? new Set()
    const hasRoom = this.#hasRoom(own, this.#limits.perSource) && this.#hasRoom(this.#strangers, this.#limits.inAll)
    if (hasRoom) this.#file(connection)
    else this.#drop(connection)
  }

  #file(connection: Connection): void {
    const own = this.#sources.get(connection.source) ?? new Set()
    this.#sources.set(connection.source, own.add(connection))
    this.#strangers.add(connection)
    connection.sinceMs = this.#nowMs()
  }

  /** Makes room where it has to be made: the one that was waited for longest gives way. */
  #hasRoom(among: ReadonlySet<Connection>, most: number): boolean {
    if (among.size < most) return true
    const hasReserve = among.size < 2 * most
    const longest = among.values().find(({ isBusy }) => !isBusy())
    if (!longest || (hasReserve && this.#nowMs() - longest.sinceMs < graceMs)) return hasReserve
    this.#removeStranger(longest)
    this.#drop(longest)
    return true
  }

  #drop(connection: Connection): void {
    this.#dropped++
    connection.socket.destroy()
  }

  #removeStranger(connection: Connection): void {
    this.#strangers.delete(connection)
    const own = this.#sources.get(connection.source)
    own?.delete(connection)
    if (own?.size === 0) this.#sources.delete(connection.source)
  }

  #closed(connection: Connection): void {
    this.#removeStranger(connection)
    connection.holder?.release()
    connection.holder = undefined
  }
}
