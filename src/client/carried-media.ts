import type { Clock, Timer } from '../kernel/clock.ts'
import { Writable, type Readable, type Unsubscribe } from '../kernel/readable.ts'
import type { InputMessage } from '../domain/input-event.ts'
import type { Player } from '../domain/player.ts'
import type { ClientPath } from './contract/client-path.ts'
import type { Carried } from './connection/media-paths.ts'
import type { SignalSocket } from './connection/signal-socket.ts'
import { HeldInput } from './input/held-input.ts'
import { InputSender } from './input/input-sender.ts'
import { ClientMicrophone } from './microphone/client-microphone.ts'
import type { MicrophonePlatform } from './microphone/microphone-platform.ts'
import { Playback } from './playback.ts'
import { reportUncaught } from './contract/report-uncaught.ts'
import { hearPointers, type PlayerPointer } from './seats/other-pointers.ts'
import { sampleStats } from './stats/sample-stats.ts'
import type { HostStats, ViewerStats } from './stats/viewer-stats.ts'

export interface CarriedMediaOptions {
  readonly clock: Clock
  readonly microphone: MicrophonePlatform
  readonly statsPeriodMs: number
  /** The players of the lobby, by whose numbers pointers are told, and which of them one is oneself. */
  readonly players: () => readonly Player[]
  readonly ownSessionId: () => string | undefined
  readonly onPointers: (pointers: readonly PlayerPointer[]) => void
  readonly onPath: (path: ClientPath | undefined) => void
  readonly onStats: (stats: ViewerStats) => void
}

/**
 * What comes and goes by the path that carries now: picture and sound, input, one's voice, others' pointers, and what is measured
 * of it.
 */
export class CarriedMedia {
  readonly microphone: ClientMicrophone
  readonly #options: CarriedMediaOptions
  readonly #path = new Writable<ClientPath | undefined>(undefined, reportUncaught)
  readonly #stats = new Writable<ViewerStats | undefined>(undefined, reportUncaught)
  readonly #playback: Playback
  readonly #input: InputSender
  readonly #held: HeldInput
  #statsTimer: Timer | undefined
  #hostStats: HostStats | undefined
  /** Those of which pointers are heard. */
  readonly #heard = new WeakSet<EventTarget>()
  /** Something may be held down, for ever if the path is lost by which it would have been let go. */
  #hasPlayed = false

  constructor(options: CarriedMediaOptions) {
    const { clock, microphone } = options
    this.#options = options
    this.#playback = new Playback(clock)
    this.microphone = new ClientMicrophone(microphone, clock)
    this.#input = new InputSender(clock)
    this.#held = new HeldInput({ clock, send: (message) => void this.#input.send(message) })
  }

  get path(): Readable<ClientPath | undefined> {
    return this.#path
  }

  get stats(): Readable<ViewerStats | undefined> {
    return this.#stats
  }

  /** False when it was dropped because there is no connection. */
  send(message: InputMessage): boolean {
    if (!this.#input.connected) return false
    this.#hasPlayed = true
    if (!this.#held.waits) return this.#input.send(message)
    this.#held.send(message)
    return true
  }

  attach(element: HTMLVideoElement): Unsubscribe {
    return this.#playback.attach(element)
  }

  /** Media comes by this path from now on. */
  carry({ path, kind, why, former }: Carried, socket: SignalSocket): void {
    const { clock, statsPeriodMs, players, ownSessionId, onPointers, onStats } = this.#options
    this.#input.connect(path.keys, path.pointer)
    if (!this.#heard.has(path.pointer)) {
      hearPointers({ channel: path.pointer, clock, players, ownSessionId, onPointers })
    }
    this.#heard.add(path.pointer)
    // What is on its way by the former path comes before what goes by this one; what was lost with it is held no more.
    if (former) this.#held.hold(former)
    else if (this.#hasPlayed) this.#held.send({ type: 'release-all' })
    if (path.tracks) this.#playback.play(path.tracks)
    this.microphone.use(path)
    this.#setPath({ kind, why, sinceMs: clock.epochMs(), roundTripMs: undefined, lossRatio: undefined })
    this.#statsTimer?.cancel()
    this.#statsTimer = sampleStats({
      clock,
      periodMs: statsPeriodMs,
      sample: () => path.sample(),
      beside: () => ({ host: this.#hostStats, signallingRoundTripMs: socket.roundTripMs }),
      onStats: (stats) => {
        this.#stats.set(stats)
        this.#measurePath(stats)
        onStats(stats)
      },
    })
  }

  /** None comes for the moment. */
  drop(): void {
    this.#statsTimer?.cancel()
    this.#input.disconnect()
    this.microphone.use(undefined)
    this.#setPath(undefined)
  }

  hearHostStats(stats: HostStats): void {
    this.#hostStats = stats
  }

  close(): void {
    this.microphone.close()
    this.drop()
    this.#playback.close()
  }

  #setPath(path: ClientPath | undefined): void {
    if (path === this.#path.value) return
    this.#path.set(path)
    this.#options.onPath(path)
  }

  /** A peer connection can move to a relay and back by itself, and so can the host's native transport. */
  #measurePath({ path: measuredKind, roundTripMs, lossRatio, relay, paths: pairs, host: stats }: ViewerStats): void {
    const path = this.#path.value
    if (!path) return
    const kind = measuredKind ?? path.kind
    const said = stats?.path
    // For a moment both ends know of different ones.
    const host = said && (kind === 'native' || kind === said.kind) ? said : kind === path.kind ? path.host : undefined
    const paths = kind === 'native' ? host?.paths : pairs
    const measured = { ...path, kind, host, roundTripMs, lossRatio, relay, paths }
    const isOther = kind !== path.kind || (path.host !== undefined && host?.kind !== path.host.kind)
    const isNews = isOther || host?.remote !== path.host?.remote || host?.why !== path.host?.why
    if (!isNews) this.#path.set(measured)
    else this.#setPath(isOther ? { ...measured, sinceMs: this.#options.clock.epochMs() } : measured)
  }
}
