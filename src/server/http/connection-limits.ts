import type { Socket } from 'node:net'
import { sourceOf } from '../auth/attempts.ts'

/** Connections that one source may hold before any of its requests brought a right token. */
export const maxStrangersPerSource = 64

/** Counts the connections of strangers for each source and drops those that are too many. */
export class ConnectionLimits {
  readonly #counts = new Map<string, number>()
  /** The source of each connection that still counts. */
  readonly #strangers = new WeakMap<Socket, string>()
  /** What was opened, by what goes on inside of it. */
  readonly #outer = new WeakMap<Socket, Socket>()
  readonly #max: number

  constructor(max = maxStrangersPerSource) {
    this.#max = max
  }

  /** A connection was made; it is destroyed when its source has too many. */
  opened(socket: Socket): void {
    const source = sourceOf(socket.remoteAddress ?? '')
    const count = this.#counts.get(source) ?? 0
    if (count >= this.#max) {
      socket.destroy()
      return
    }
    this.#counts.set(source, count + 1)
    this.#strangers.set(socket, source)
    socket.once('close', () => this.#discount(socket))
  }

  /** An opened connection goes on as another socket, inside TLS. */
  secured(inner: Socket, outer: Socket): void {
    this.#outer.set(inner, outer)
  }

  /** A request on this connection brought a right token: it counts no more. */
  authenticated(socket: Socket): void {
    this.#discount(this.#outer.get(socket) ?? socket)
  }

  #discount(socket: Socket): void {
    const source = this.#strangers.get(socket)
    if (source === undefined) return
    this.#strangers.delete(socket)
    const count = this.#counts.get(source) ?? 0
    if (count > 1) this.#counts.set(source, count - 1)
    else this.#counts.delete(source)
  }
}
