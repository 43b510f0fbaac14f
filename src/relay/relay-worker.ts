import { systemClock } from '../kernel/clock.ts'
import { Ending, type Closable } from '../kernel/ending.ts'
import { answerStun, type StunPlaces } from '../net/nat/stun-responder.ts'
import { verifyingKeyOf } from '../net/relay/lease-signing.ts'
import { BatchSocket, openBatchSocket } from '../net/batch/batch-socket.ts'
import { PolledClock } from '../net/batch/polled-clock.ts'
import { serveSockets } from '../net/batch/serve-sockets.ts'
import { openUdpSocket, type UdpSocket } from '../net/udp/udp-socket.ts'
import { isStun } from '../wire/stun/stun-codec.ts'
import { mostPacketBytes } from '../wire/native/packet.ts'
import { forwardHeadBytes, forwardType, isRelayed, sessionOfForward } from '../wire/relay/relay-message.ts'
import { RelayCore, type KeepLeaseRecording, type RelayNews } from './relay-core.ts'
import type { RelayCounters, RelayLimits } from './relay-limits.ts'
import type { TurnBeside } from './turn-grants.ts'

/** All that a worker has to know; it can be sent to another thread. */
export interface RelaySettings {
  /** Where it listens: one address, or two of this machine, by which NATs can be told apart. Leases are taken at the first. */
  readonly addresses: readonly string[]
  readonly port: number
  /** Public keys of Ed25519, 32 bytes each. */
  readonly issuers: readonly Uint8Array[]
  readonly id: Uint8Array
  readonly secret: Uint8Array
  readonly limits: RelayLimits
  readonly turn: TurnBeside | undefined
  /** Whether others listen at the same port. */
  readonly isShared: boolean
  /** Whether what is said about leases is recorded. */
  readonly isRecorded: boolean
}

export interface RelayStatus {
  readonly sessions: number
  readonly counters: RelayCounters
}

/** One of the workers that a relay is made of. */
export interface RelayWorker extends Closable {
  readonly port: number
  learn(news: RelayNews): void
}

/** Pictures of the native transport, with what is put before them. */
const usualBytes = forwardHeadBytes + mostPacketBytes
const bufferBytes = 4 * 2 ** 20
const statusMs = 1000

/** Opens its sockets, and has the thread it is in to itself, where the system can do many datagrams by one call. Rejects with the system's error where a port cannot be had. */
export async function openRelayWorker(
  settings: RelaySettings,
  context: {
    readonly tell: (news: RelayNews) => void
    readonly keepRecording: KeepLeaseRecording
    /** Each second. */
    readonly onStatus: (status: RelayStatus) => void
  },
): Promise<RelayWorker> {
  const { addresses, issuers, id, secret, limits, isShared, isRecorded } = settings
  const hasTwo = addresses.length === 2
  const opened: (BatchSocket | UdpSocket)[] = []
  const open = async (host: string, port: number) => {
    const at = { host, port, reusePort: isShared, bufferBytes, batchesOf: usualBytes }
    const socket = (await openBatchSocket(at)) ?? (await openUdpSocket(at))
    opened.push(socket)
    return socket
  }
  try {
    const main = await open(addresses[0] ?? '0.0.0.0', settings.port)
    const { port } = main.local
    const polled = main instanceof BatchSocket ? new PolledClock() : undefined
    const clock = polled ?? systemClock
    const ports = hasTwo ? [port, port + 1] : [port]
    const sockets = new Map([[0, main]])
    for (const [row, address] of addresses.entries()) {
      for (const [column, each] of ports.entries()) {
        if (row + column > 0) sockets.set(2 * row + column, await open(address, each))
      }
    }
    const core = new RelayCore({
      clock,
      limits,
      turn: settings.turn,
      trust: { issuers: issuers.map(verifyingKeyOf), id, secret, longestLeaseMs: limits.longestLeaseMs },
      send: (bytes, to) => main.send(bytes, to),
      tell: context.tell,
      keepRecording: isRecorded ? context.keepRecording : undefined,
    })
    main.listen((bytes, from) => {
      if (!isRelayed(bytes)) return false
      core.receive(bytes, from)
      return true
    })
    const places: StunPlaces = { addresses, ports }
    for (const [place, socket] of sockets) {
      const at = { places, address: place >> 1, port: place & 1 }
      socket.listen((bytes, from) => {
        if (!isStun(bytes) || !core.mayAsk(from)) return false
        const reply = answerStun(bytes, from, at)
        if (!reply) return false
        core.counters.stunAnswers++
        sockets.get(2 * reply.address + reply.port)?.send(reply.bytes, from)
        return true
      })
    }
    const stopping = new AbortController()
    const telling = clock.every(statusMs, () => {
      context.onStatus({ sessions: core.sessionCount, counters: core.counters })
    })
    const serving =
      polled &&
      serveSockets({
        sockets: opened.filter((socket) => socket instanceof BatchSocket),
        clock: polled,
        signal: stopping.signal,
        first: (socket, memory, at, length, from, nowMs) => {
          if (memory[at] !== forwardType || socket !== main) return false
          const to = core.route(sessionOfForward(memory, at, length), length, from, nowMs)
          if (to) socket.pass(at, length, to)
          return true
        },
      })
    const ending = new Ending(async () => {
      telling.cancel()
      stopping.abort()
      await serving
      core[Symbol.dispose]()
      for (const socket of opened) await socket[Symbol.asyncDispose]()
    })
    return {
      port,
      learn: (news) => core.learn(news),
      closed: ending.closed,
      close: (reason) => ending.close(reason),
      [Symbol.asyncDispose]: () => ending.close(),
    }
  } catch (error) {
    for (const socket of opened) await socket[Symbol.asyncDispose]()
    throw error
  }
}
