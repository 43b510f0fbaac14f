import { once } from 'node:events'
import { networkInterfaces } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { Clock } from '../../kernel/clock.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import { type Closable, Ending } from '../../kernel/ending.ts'
import type { Log } from '../../kernel/log.ts'
import { decodeUdpPacket } from '../../wire/ip/udp-packet.ts'
import { WireError } from '../../wire/wire-error.ts'
import { MeshError } from '../mesh/contract/mesh-error.ts'
import { BroadcastCopies, type BroadcastCounts } from './broadcast-copies.ts'
import type { CaptureData } from './capture-thread.ts'
import type { PortRange } from './game-ports.ts'
import { broadcastFilter } from './packet-filter.ts'
import { RawSocket } from './raw-sockets.ts'

export interface BroadcastsOptions {
  readonly ports: readonly PortRange[]
  /** This machine's address in the party's network. */
  readonly own: string
  /** Those of the others, now. */
  readonly others: () => readonly string[]
  readonly mtuBytes: number
  readonly clock: Clock
  readonly log: Log
}

/** Lets games of a party find each other: what one sends to everybody of its LAN reaches each of the others as well. */
export class Broadcasts implements Closable {
  readonly closed: Closable['closed']
  readonly #copies: BroadcastCopies
  readonly #options: BroadcastsOptions
  readonly #socket: RawSocket
  readonly #ending: Ending

  private constructor(options: BroadcastsOptions, socket: RawSocket, worker: Worker, stop: Int32Array) {
    this.#options = options
    this.#socket = socket
    const { ports, mtuBytes, clock } = options
    this.#copies = new BroadcastCopies({ ports, mtuBytes, nowMs: clock.nowMs() })
    this.#ending = new Ending(async () => {
      Atomics.store(stop, 0, 1)
      if (worker.threadId > 0) await once(worker, 'exit')
      socket[Symbol.dispose]()
    })
    this.closed = this.#ending.closed
    worker.on('message', (bytes: Uint8Array) => this.#captured(bytes))
    worker.on('error', (error) => void this.#ending.fail(error instanceof Error ? error : new Error(String(error))))
  }

  /** Rejects with MeshError `not-permitted` without the right to it (root, or CAP_NET_RAW). */
  static async open(options: BroadcastsOptions): Promise<Broadcasts> {
    const socket = new RawSocket()
    const stop = new Int32Array(new SharedArrayBuffer(4))
    const workerData: CaptureData = { filter: broadcastFilter(options.ports), stop }
    const worker = new Worker(new URL('./capture-thread.ts', import.meta.url), { workerData })
    try {
      await once(worker, 'message')
    } catch (error) {
      socket[Symbol.dispose]()
      throw new MeshError('not-permitted', messageOf(error), { cause: error })
    }
    return new Broadcasts(options, socket, worker, stop)
  }

  get counts(): BroadcastCounts {
    return this.#copies.counts
  }

  close(reason?: string): Promise<void> {
    return this.#ending.close(reason)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #captured(bytes: Uint8Array): void {
    if (this.#ending.begun) return
    const { own, others, clock, log } = this.#options
    try {
      const packet = decodeUdpPacket(bytes)
      // What this machine sends for others, a container's for instance, is not its own.
      if (!isOwnAddress(packet.source)) return
      for (const { to, bytes: copy } of this.#copies.of(packet, { own, others: others(), nowMs: clock.nowMs() })) {
        this.#socket.send(copy, to)
      }
    } catch (error) {
      if (!(error instanceof WireError)) throw error
      log.debug('A broadcast could not be read', { why: error.message })
    }
  }
}

function isOwnAddress(address: string): boolean {
  return Object.values(networkInterfaces()).some((all) => all?.some((each) => each.address === address))
}
