import type { Timer } from '../../kernel/clock.ts'
import { Ending, type Closable } from '../../kernel/ending.ts'
import type { ClientMessage, IceServer, ServerMessage } from '../../wire/signal/messages.ts'
import { ClientError } from '../contract/client-error.ts'
import type { ClientEnvironment } from '../environment/environment.ts'
import { WebRoute } from '../web-media/web-route.ts'
import type { PathKind, PathReason } from '../contract/client-path.ts'
import type { MediaPath } from '../path/media-path.ts'
import { choosePath } from '../path/path-choice.ts'
import { PeerRoute } from './peer-route.ts'
import type { Route } from '../path/route.ts'
import type { Welcome } from './signal-socket.ts'

/** What carries from now on, and why. */
export interface Carried {
  readonly path: MediaPath
  readonly kind: PathKind
  readonly why: PathReason
  /** What the path before still has on its way to the host; input waits for it. Undefined when nothing of it is to come. */
  readonly former: Promise<unknown> | undefined
}

export interface MediaPathsOptions {
  readonly environment: ClientEnvironment
  /** Where the media socket is. */
  readonly mediaUrl: string
  /** Used beside those that the host tells. */
  readonly iceServers: readonly IceServer[]
  readonly send: (message: ClientMessage) => void
  /** An offer waits for its answer: no other may be made. */
  readonly isNegotiating: () => boolean
  /** A wish for the media socket waits for its answer: no other may be made, and the answer is as good for this one. */
  readonly awaitsTicket: () => boolean
  /** The host answers by signalling, as far as that is known. */
  readonly isAnswering: () => boolean
  /** Undefined: nothing carries for the moment. */
  readonly onCarried: (carried: Carried | undefined) => void
  /** What comes is late, or the peer connection was lost: signalling may be lost with it. */
  readonly onDoubt: () => void
}

/** Without any picture for longer, the connection is lost. */
const graceMs = 1500
/** So much more where the host still answers: it is only media that takes its time. */
const moreGraceMs = 2500
/**
 * From the first picture by the web port until an element shows it, and until its sound has a device: the picture of a peer connection
 * that was held back would wait for that, too.
 */
const untilSettledMs = 2000

/**
 * The ways that media can take to one signalling conversation, ranked: WebRTC, and below it the web port, both begun at once (in some
 * browsers the web port a moment before). One carries at a time; another takes over when it has a picture, and the session goes
 * on. It ends with an error when nothing carries.
 */
export class MediaPaths implements Closable {
  readonly closed
  readonly #options: MediaPathsOptions
  readonly #peer: PeerRoute
  readonly #web: WebRoute
  /** From the best to the worst. */
  readonly #routes: readonly Route[]
  readonly #ready = Promise.withResolvers<void>()
  readonly #ending: Ending
  #hasCarried = false
  /** By its place among the routes. */
  #carrier: number | undefined
  #grace: Timer | undefined

  /** Begins at once with what can be done before the host has been greeted. */
  constructor(options: MediaPathsOptions) {
    const { environment, mediaUrl, send, onDoubt } = options
    const { webMedia: platform, clock, random } = environment
    this.#options = options
    const onChange = () => this.#decide()
    this.#web = new WebRoute({
      platform,
      clock,
      random,
      url: mediaUrl,
      send,
      awaitsTicket: options.awaitsTicket,
      onChange,
      onDoubt,
    })
    this.#peer = new PeerRoute({
      environment,
      send,
      isNegotiating: options.isNegotiating,
      isSecond: () => platform.wantsHeadStart && (this.#web.progress === 'none' || this.#web.progress === 'opening'),
      isCarrying: () => this.#carrying === this.#peer,
      onChange,
      onDoubt,
      onFailed: (error) => this.#peerFailed(error),
    })
    this.#routes = [this.#peer, this.#web]
    this.#ready.promise.catch(() => {})
    this.#ending = new Ending((end) => {
      this.#ready.reject(end.kind === 'error' ? end.error : new ClientError('closed', `Given up: ${end.reason}`))
      for (const route of this.#routes) route.close('given up')
      this.#grace?.cancel()
    })
    this.closed = this.#ending.closed
  }

  /** Resolves when the first path carries. */
  get ready(): Promise<void> {
    return this.#ready.promise
  }

  /** Media comes as usual, by whichever path. */
  get isFlowing(): boolean {
    return this.#carrying?.isFlowing === true
  }

  /** The host has been greeted: all ways begin. */
  begin({ webMedia, native }: Pick<Welcome, 'webMedia' | 'native'>, iceServers: readonly IceServer[]): void {
    if (this.#ending.begun) return
    if (webMedia) this.#web.allow(native ? 'native' : 'web-port')
    if (native) this.#peer.forbid()
    else this.#peer.begin([...iceServers, ...this.#options.iceServers])
    this.#decide()
  }

  /** The host has told others, whose credentials are good for longer: peer connections are begun with them from now on. */
  renew(iceServers: readonly IceServer[]): void {
    this.#peer.renew([...iceServers, ...this.#options.iceServers])
  }

  accept(message: Extract<ServerMessage, { type: 'signal' | 'candidate' }>): void {
    this.#peer.accept(message)
  }

  /** The host's answer to a wish for the media socket. */
  acceptTicket(message: Extract<ServerMessage, { type: 'web-media-ticket' | 'web-media-refused' }>): void {
    this.#web.accept(message)
  }

  /** The host refused the offer, or saw the end of the peer connection first. */
  peerFailed(error: ClientError): void {
    this.#peer.failed(error)
  }

  /** Says what would have helped, where that is known better than by the error itself. */
  explain(error: ClientError): ClientError {
    const isOfNoPath = error.code === 'timeout' || error.code === 'media-lost'
    return (isOfNoPath && this.#web.unavailable) || error
  }

  /** The network is back, or somebody looks again. */
  wake(): void {
    for (const route of this.#routes.toReversed()) route.wake()
  }

  close(reason?: string): Promise<void> {
    return this.#ending.close(reason)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  get #carrying(): Route | undefined {
    return this.#carrier === undefined ? undefined : this.#routes[this.#carrier]
  }

  #peerFailed(error: ClientError): void {
    // Nothing is left to wait for.
    if (this.#web.progress === 'impossible') void this.#ending.fail(this.explain(error))
    else this.#decide()
  }

  #decide(): void {
    if (!this.#peer.hasBegun || this.#ending.begun) return
    const { carrier, wanted } = choosePath(this.#routes.map(({ progress }) => progress))
    // What gives up says so itself, and this is decided anew.
    if (this.#routes.slice(0, carrier ?? 0).some((route) => route.overtaken())) return
    if (carrier !== this.#carrier) this.#carry(carrier)
    for (const [place, route] of this.#routes.entries()) {
      if (wanted[place]) route.want()
      else void route.leave()
    }
    if (this.#web.progress !== 'impossible') return
    this.#peer.release(0)
    const { isTrying, lastError } = this.#peer
    if (!isTrying && lastError) void this.#ending.fail(this.explain(lastError))
  }

  #carry(carrier: number | undefined): void {
    const { environment, onCarried } = this.#options
    const former = this.#carrier
    this.#carrier = carrier
    const route = this.#carrying
    const path = route?.path
    if (!route || !path) {
      this.#grace ??= environment.clock.after(graceMs, () => this.#runOut())
      return onCarried(undefined)
    }
    this.#grace?.cancel()
    this.#grace = undefined
    const isBetter = former !== undefined && carrier !== undefined && carrier < former
    onCarried({
      path,
      kind: route.kind,
      why: this.#reasonFor(route),
      former: isBetter ? this.#routes[former]?.leave() : undefined,
    })
    this.#hasCarried = true
    this.#peer.dropFallen()
    this.#peer.release(untilSettledMs)
    if (route === this.#peer) this.#peer.succeeded()
    this.#ready.resolve()
  }

  #reasonFor(route: Route): PathReason {
    if (route.kind === 'native') return 'only'
    if (route === this.#web && this.#peer.lastError) {
      return this.#options.environment.createPeer ? 'udp-failed' : 'no-webrtc'
    }
    return route === this.#peer && this.#hasCarried ? 'udp-works' : 'first'
  }

  #runOut(): void {
    const { environment, isAnswering } = this.#options
    const fail = () => void this.#ending.fail(this.#peer.lastError ?? noMedia())
    if (isAnswering()) this.#grace = environment.clock.after(moreGraceMs, fail)
    else fail()
  }
}

function noMedia(): ClientError {
  return new ClientError('media-lost', 'No media came any more, by neither path')
}
