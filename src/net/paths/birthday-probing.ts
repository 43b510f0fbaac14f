import type { Clock, Timer } from '../../kernel/clock.ts'
import type { Closable } from '../../kernel/ending.ts'
import type { WireAddress } from '../../wire/address-bytes.ts'
import { formatAddress } from '../../wire/address-bytes.ts'
import type { DatagramSocket } from '../udp/datagram-socket.ts'
import type { PathFinder } from './path-finder.ts'
import type { PathPorts } from './path-ports.ts'
import type { Carrier } from './path.ts'

/** Of one run: sockets of the one end, ports that the other tries, and what both may send. Two in a hundred runs of these are in vain. */
export const birthdayLimits = { sockets: 256, ports: 2048, perS: 500, rounds: 3, forMs: 6000 } as const
const tickMs = 20

export type SpareSocket = DatagramSocket & Pick<Closable, 'close'>

/** What this end does of it. */
export type BirthdayPart =
  /** Its NAT gives each socket another port for each destination: it has many, and sends from each to where the other end may be. */
  | { readonly kind: 'many sockets'; readonly to: readonly WireAddress[] }
  /** The other end's NAT does: it is tried at many ports of that address. */
  | { readonly kind: 'many ports'; readonly address: string }

/**
 * What an end has to do, by where STUN servers have seen it and where the other end was told to be: an address with several ports is that of
 * a NAT with a port for each destination. Undefined where birthday probing helps nothing: neither end is behind one, or both are.
 */
export function birthdayPart(seen: readonly WireAddress[], told: readonly WireAddress[]): BirthdayPart | undefined {
  const [own, other] = [addressOfMany(seen), addressOfMany(told)]
  if (own === undefined && other !== undefined) return { kind: 'many ports', address: other }
  if (own === undefined || other !== undefined || told.length === 0) return undefined
  // Where it is seen from outside an end tells last.
  const one = new Map(told.map((each) => [each.address, each]))
  return { kind: 'many sockets', to: [...one.values()].slice(-2) }
}

/** What a run has ended with: a direct path, nobody who answered, or not one socket to be had for it. */
export const birthdayResults = ['opened', 'unanswered', 'no-sockets'] as const
export type BirthdayResult = (typeof birthdayResults)[number]

/** What became of one run. */
export interface BirthdayOutcome {
  readonly result: BirthdayResult
  readonly part: BirthdayPart['kind']
  readonly probes: number
  readonly sockets: number
  readonly tookMs: number
}

export interface BirthdayProbingOptions {
  readonly part: BirthdayPart
  readonly finder: Pick<PathFinder, 'probe' | 'paths' | 'uses'>
  readonly ports: Pick<PathPorts, 'direct' | 'receive'>
  readonly openSocket: () => Promise<SpareSocket>
  readonly clock: Clock
  /** Uniform in [0, 1). */
  readonly random: () => number
  readonly onEnd: (outcome: BirthdayOutcome) => void
}

/**
 * Looks for a direct path between an end whose NAT has a port for each destination and one whose NAT lets in only whom it has sent to: neither
 * can know the port at which the other may come in, but of many sockets here and many ports tried there, two meet soon, as two of a few dozen
 * people have the same birthday. Bounded in sockets, packets, rate and time. What has met is a path like any other, and its socket stays until
 * this is disposed of; the other sockets close with the run.
 */
export class BirthdayProbing implements Disposable {
  readonly #options: BirthdayProbingOptions
  readonly #timer: Timer
  readonly #beganMs: number
  readonly #spares: { readonly carrier: Carrier; readonly socket: SpareSocket; readonly listening: Timer }[] = []
  readonly #tried = new Set<number>()
  #opening = 0
  #failed = 0
  #probes = 0
  #next = 0
  #isOver = false
  #isDisposed = false

  constructor(options: BirthdayProbingOptions) {
    const { clock } = options
    this.#options = options
    this.#beganMs = clock.nowMs()
    this.#timer = clock.every(tickMs, () => this.#tick())
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true
    this.#isOver = true
    this.#timer.cancel()
    for (const spare of this.#spares.splice(0)) close(spare)
  }

  #tick(): void {
    const { clock, finder, part } = this.#options
    if (finder.paths.some(({ kind, state }) => kind === 'direct' && state === 'alive')) return this.#end(true)
    if (clock.nowMs() - this.#beganMs >= birthdayLimits.forMs) return this.#end(false)
    const share = (birthdayLimits.perS * tickMs) / 1000
    for (let sent = 0; sent < share; sent++) {
      if (part.kind === 'many ports') this.#tryPort(part.address)
      else this.#trySocket(part.to)
    }
  }

  #tryPort(address: string): void {
    if (this.#tried.size >= birthdayLimits.ports) return
    const { finder, ports, random } = this.#options
    let port = 0
    do port = 1024 + Math.trunc(random() * (65_536 - 1024))
    while (this.#tried.has(port))
    this.#tried.add(port)
    this.#probes++
    finder.probe(ports.direct, { address, port })
  }

  #trySocket(to: readonly WireAddress[]): void {
    if (this.#spares.length + this.#opening + this.#failed < birthdayLimits.sockets) return this.#openOne(to)
    const each = this.#spares[Math.trunc(this.#next / to.length) % Math.max(1, this.#spares.length)]
    const target = to[this.#next % to.length]
    if (!each || !target || this.#next >= birthdayLimits.rounds * to.length * this.#spares.length) return
    this.#next++
    this.#probes++
    this.#options.finder.probe(each.carrier, target)
  }

  #openOne(to: readonly WireAddress[]): void {
    const { openSocket, ports } = this.#options
    this.#opening++
    void openSocket().then(
      (socket) => {
        this.#opening--
        if (this.#isOver) return void socket.close()
        const carrier: Carrier = {
          kind: 'direct',
          nameOf: (at) => `direct ${formatAddress(at)} from port ${socket.local.port}`,
          send(bytes, at) {
            socket.send(bytes, at)
            return true
          },
        }
        // The socket is for one other end: nobody else has any business there.
        const listening = socket.listen(
          (bytes, from) => to.some(({ address }) => address === from.address) && ports.receive(bytes, carrier, from),
        )
        this.#spares.push({ carrier, socket, listening })
      },
      () => {
        this.#opening--
        // The system gives no more: those that there are may do.
        this.#failed++
      },
    )
  }

  #end(hasOpened: boolean): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#timer.cancel()
    const { clock, finder, part, onEnd } = this.#options
    const sockets = this.#spares.length
    for (const spare of this.#spares.splice(0)) {
      if (!this.#isDisposed && finder.uses(spare.carrier)) this.#spares.push(spare)
      else close(spare)
    }
    const tookMs = clock.nowMs() - this.#beganMs
    const hasTried = part.kind === 'many ports' || sockets > 0
    const result = hasOpened ? 'opened' : hasTried ? 'unanswered' : 'no-sockets'
    onEnd({ result, part: part.kind, probes: this.#probes, sockets, tookMs })
  }
}

/** For people: `birthday probing has opened a direct path (612 probes, 1.2 s)`. */
export function describeBirthday({ result, part, probes, sockets, tookMs }: BirthdayOutcome): string {
  const cost = `${probes} probes${part === 'many sockets' ? ` from ${sockets} sockets` : ''}, ${(tookMs / 1000).toFixed(1)} s`
  return `birthday probing ${result === 'opened' ? 'has opened a direct path' : 'was in vain'} (${cost})`
}

/** The one that is there with several ports. */
function addressOfMany(addresses: readonly WireAddress[]): string | undefined {
  const ports = Map.groupBy(addresses, ({ address }) => address)
  return [...ports].find(([, all]) => new Set(all.map(({ port }) => port)).size > 1)?.[0]
}

function close({ socket, listening }: { readonly socket: SpareSocket; readonly listening: Timer }): void {
  listening.cancel()
  void socket.close()
}
