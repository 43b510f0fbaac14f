import type { RemoteReach, RemoteReachEvents } from '../../viewer/remote-reach.ts'
import type { RendezvousHostMessage } from '../../wire/reach/protocol.ts'
import type { Introduction, ReachSignal } from '../../wire/reach/signals.ts'
import type { RelayGrant, RelayLeases } from './contract/relay-leases.ts'

/** A socket by which somebody is told about paths now. */
export interface RendezvousLine {
  say(message: RendezvousHostMessage): void
  /** Loses it where the socket takes nothing more. */
  packet(packet: Uint8Array): void
  close(): void
}

export interface RendezvousOptions {
  readonly source: string
  readonly place: string
  /** As the viewer's end has introduced itself. */
  readonly viewer: Introduction
  readonly leases: RelayLeases
  readonly line: RendezvousLine
  readonly newTicket: () => string
  /** Begins the reach; undefined where that cannot be. */
  readonly open: (events: RemoteReachEvents) => RemoteReach | undefined
  readonly ended: () => void
}

const mostUnsaid = 32

/** One client that looks for a path to this host, or has one: its reach in the viewer process, its leases, and the socket that it has now. */
export class Rendezvous {
  readonly source: string
  readonly #options: RendezvousOptions
  #line: RendezvousLine | undefined
  #reach: RemoteReach | undefined
  #grant: RelayGrant | undefined
  /** For want of a socket, or of the host's introduction, which comes first. */
  #unsaid: ReachSignal[] = []
  #isIntroduced = false
  #isOver = false

  constructor(options: RendezvousOptions) {
    this.source = options.source
    this.#options = options
    this.#line = options.line
  }

  /** False where nobody can be reached now. */
  begin(): boolean {
    const { open, viewer, place } = this.#options
    this.#reach = open({
      signal: (signal) => this.#tell(signal),
      packet: (packet) => this.#line?.packet(packet),
      over: () => this.#over(),
    })
    if (!this.#reach) return false
    this.#reach.hear(viewer)
    this.#reach.tunnel(place)
    return true
  }

  /** The client has said more about where it is. */
  hear(signal: ReachSignal): void {
    this.#reach?.hear(signal)
  }

  packet(packet: Uint8Array): void {
    this.#reach?.packet(packet)
  }

  /** The client is back on another socket. */
  resume(line: RendezvousLine): void {
    this.#line?.close()
    this.#line = line
    line.say({ type: 'returned', ticket: this.#options.newTicket() })
    this.#reach?.tunnel(this.#options.place)
    this.#sayUnsaid()
  }

  /** That socket is gone. The paths are there all the same. */
  cut(line: RendezvousLine): void {
    if (this.#line !== line) return
    this.#line = undefined
    this.#reach?.tunnel(undefined)
  }

  end(): void {
    this.#reach?.end()
    this.#over()
  }

  #tell(signal: ReachSignal): void {
    if (this.#unsaid.length < mostUnsaid) this.#unsaid.push(signal)
    this.#sayUnsaid()
    if (signal.type !== 'introduce' || this.#grant) return
    const keyOf = ({ relayKey }: Introduction) => Uint8Array.from(Buffer.from(relayKey, 'base64url'))
    const ends = { host: keyOf(signal), viewer: keyOf(this.#options.viewer) }
    this.#grant = this.#options.leases.grant(ends, (relays) => {
      if (this.#isOver) return
      const offer = { type: 'relays', relays } as const
      this.#reach?.hear(offer)
      this.#tell(offer)
    })
  }

  #sayUnsaid(): void {
    const line = this.#line
    if (!line) return
    for (const signal of this.#unsaid.splice(0)) {
      if (signal.type !== 'introduce') line.say(signal)
      else if (!this.#isIntroduced) line.say({ ...signal, ticket: this.#options.newTicket() })
      if (signal.type === 'introduce') this.#isIntroduced = true
    }
  }

  #over(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#grant?.revoke()
    this.#line?.close()
    this.#options.ended()
  }
}
