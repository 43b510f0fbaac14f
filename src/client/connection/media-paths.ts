import { Backoff, type BackoffPolicy } from '../../kernel/backoff.ts'
import type { Timer } from '../../kernel/clock.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import { Ending, type Closable } from '../../kernel/ending.ts'
import type { ClientMessage, ServerMessage } from '../../wire/signal/messages.ts'
import { ClientError } from '../client-error.ts'
import type { ClientEnvironment } from '../environment.ts'
import { WebRoute } from '../web-media/web-route.ts'
import { receivedAmount } from '../stats/read-sample.ts'
import { awaitFirstPicture } from './first-picture.ts'
import { watchFlow, type Flow } from './flow-watch.ts'
import type { MediaPath } from './media-path.ts'
import { choosePath, type PeerProgress } from './path-choice.ts'
import { openPeer, type Peer } from './peer.ts'
import type { PathKind, PathReason } from './client-path.ts'
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
  readonly iceServers: Welcome['iceServers']
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

/** Between two tries of WebRTC while the web port carries. */
const retryPolicy: BackoffPolicy = { baseDelayMs: 1000, maxDelayMs: 20_000, jitterFactor: 0.3, healthyAfterMs: 5000 }
/** A try in the background is given up after this. */
const tryLimitMs = 12_000
/** Without any picture for longer, the connection is lost. */
const graceMs = 1500
/** So much more where the host still answers: it is only media that takes its time. */
const moreGraceMs = 2500
/** How long a peer connection is held back for a first picture by the web port, where that wants a head start. */
const headStartMs = 1000
/**
 * From then until an element shows it, and until the sound of the web port has its device: the picture of a peer connection would
 * wait for that, too.
 */
const untilSettledMs = 2000
/** The host reports more than twice a second, even when there is nothing else to send. */
const peerSilentMs = 1000
/** A peer connection that was begun so long before the network was back has the addresses of another network, or none. */
const staleMs = 500

/**
 * The ways that media can take to one signalling conversation: WebRTC and the web port, both begun at once (in some browsers the
 * web port a moment before). One carries at a time; the other takes over when it has a picture, and the session goes on. It ends
 * with an error when nothing carries.
 */
export class MediaPaths implements Closable {
  readonly closed
  readonly #options: MediaPathsOptions
  readonly #web: WebRoute
  readonly #retries: Backoff
  readonly #ready = Promise.withResolvers<void>()
  readonly #ending: Ending
  #peer: Peer | undefined
  /** Carried until it failed: its last picture stands until there is another one, since a closed connection's is black. */
  #fallen: Peer | undefined
  #progress: PeerProgress = 'none'
  #kind: PathKind = 'direct'
  #iceServers: Welcome['iceServers'] = []
  #carrier: 'peer' | 'web-port' | undefined
  #hasBegun = false
  #hasCarried = false
  /** When the present peer connection was begun. */
  #openedMs = 0
  /** There is to be another offer as soon as the last one, which was given up, has been answered. */
  #owesOffer = false
  /** There is to be a peer connection as soon as the web port shows a picture, or cannot. */
  #isHeldBack = false
  /** Why the last peer connection ended, or there can be none. */
  #lastError: ClientError | undefined
  #peerTimers: readonly Timer[] = []
  #retryTimer: Timer | undefined
  #grace: Timer | undefined

  /** Begins at once with what can be done before the host has been greeted. */
  constructor(options: MediaPathsOptions) {
    const { environment, mediaUrl, send } = options
    this.#options = options
    this.#retries = new Backoff(retryPolicy, environment.clock, environment.random)
    this.#web = new WebRoute({
      platform: environment.webMedia,
      clock: environment.clock,
      random: environment.random,
      url: mediaUrl,
      send,
      awaitsTicket: options.awaitsTicket,
      onChange: () => this.#decide(),
      onDoubt: () => options.onDoubt(),
    })
    this.#ready.promise.catch(() => {})
    this.#ending = new Ending((end) => {
      this.#ready.reject(end.kind === 'error' ? end.error : new ClientError('closed', `Given up: ${end.reason}`))
      this.#dropPeer('given up')
      this.#dropFallen()
      this.#retryTimer?.cancel()
      this.#grace?.cancel()
      void this.#web.close()
    })
    this.closed = this.#ending.closed
    if (!environment.webMedia.wantsHeadStart) this.#peer = this.#openPeer()
  }

  /** Resolves when the first path carries. */
  get ready(): Promise<void> {
    return this.#ready.promise
  }

  /** Media comes as usual, by whichever path. */
  get isFlowing(): boolean {
    if (this.#carrier === 'web-port') return this.#web.isFlowing
    return this.#carrier === 'peer' && this.#progress !== 'doubtful' && this.#progress !== 'silent'
  }

  /** The host has been greeted: both ways begin. */
  begin({ iceServers, webMedia }: Welcome): void {
    if (this.#ending.begun) return
    this.#iceServers = [...iceServers, ...this.#options.iceServers]
    this.#hasBegun = true
    if (webMedia) this.#web.allow()
    if (this.#peer) void this.#peer.offer(this.#iceServers)
    else this.#retry()
    this.#decide()
  }

  accept(message: Extract<ServerMessage, { type: 'signal' | 'candidate' }>): void {
    if (this.#owesOffer && message.type === 'signal') return this.#retry()
    void this.#peer?.accept(message)
  }

  /** The host's answer to a wish for the media socket. */
  acceptTicket(message: Extract<ServerMessage, { type: 'web-media-ticket' | 'web-media-refused' }>): void {
    this.#web.accept(message)
  }

  /** The host refused the offer, or saw the end of the peer connection first. */
  peerFailed(error: ClientError): void {
    if (this.#ending.begun) return
    this.#lastError = error
    this.#dropFallen()
    if (this.#showed) this.#fallen = this.#peer
    this.#dropPeer(error.message)
    this.#options.onDoubt()
    if (this.#web.progress === 'impossible') return void this.#ending.fail(this.explain(error))
    this.#retryTimer?.cancel()
    this.#retryTimer = this.#options.environment.clock.after(this.#retries.failed(), () => this.#retry())
    this.#decide()
  }

  /** Says what would have helped, where that is known better than by the error itself. */
  explain(error: ClientError): ClientError {
    const isOfNoPath = error.code === 'timeout' || error.code === 'media-lost'
    return (isOfNoPath && this.#web.unavailable) || error
  }

  /** The network is back, or somebody looks again. */
  wake(): void {
    this.#web.wake()
    const ageMs = this.#options.environment.clock.nowMs() - this.#openedMs
    if (this.#hasBegun && this.#progress === 'opening' && ageMs > staleMs) this.#dropPeer('the network is another one')
    else if (!this.#retryTimer) return
    if (!this.#peer) this.#retry()
  }

  close(reason?: string): Promise<void> {
    return this.#ending.close(reason)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Undefined where there is no WebRTC, or none now: Firefox has none while it takes the network to be away. */
  #openPeer(): Peer | undefined {
    const { environment, send } = this.#options
    const { clock, createPeer, videoCodecs } = environment
    this.#progress = 'none'
    if (!createPeer) {
      this.#lastError = new ClientError('media-lost', 'This machine has no WebRTC')
      return undefined
    }
    let peer: Peer
    try {
      peer = openPeer({ clock, createPeer, videoCodecs: videoCodecs(), send })
    } catch (error) {
      this.#lastError = new ClientError('media-lost', `No peer connection can be made: ${messageOf(error)}`)
      if (this.#hasBegun) this.#retryTimer = clock.after(this.#retries.failed(), () => this.#retry())
      return undefined
    }
    this.#progress = 'opening'
    this.#openedMs = clock.nowMs()
    const isThis = () => this.#peer === peer && !this.#ending.begun
    void peer.closed.then((end) => {
      if (isThis() && end.kind === 'error') {
        const { error } = end
        this.peerFailed(error instanceof ClientError ? error : new ClientError('media-lost', error.message))
      }
    })
    const opened = () => {
      if (!isThis()) return
      this.#progress = 'open'
      this.#watch(peer)
      this.#decide()
    }
    peer.ready.then(opened, () => {})
    return peer
  }

  #watch({ connection }: Peer): void {
    const { clock } = this.#options.environment
    const picture = awaitFirstPicture({
      connection,
      clock,
      onShows: ({ path = 'direct' }) => {
        this.#progress = 'shows'
        this.#kind = path
        this.#decide()
      },
    })
    const flow = watchFlow({
      clock,
      amount: async () => receivedAmount(await connection.getStats()),
      silentMs: peerSilentMs,
      onFlow: (now) => this.#peerFlows(now),
    })
    this.#peerTimers = [...this.#peerTimers, picture, flow]
    // ICE may know before it shows in what comes: Firefox says at once that the network has gone or is another one.
    connection.addEventListener('connectionstatechange', () => {
      if (this.#peer?.connection !== connection) return
      if (connection.connectionState === 'disconnected') this.#peerFlows('doubtful')
      else if (connection.connectionState === 'connected' && this.#progress === 'doubtful') this.#peerFlows('flowing')
    })
  }

  /** A peer connection that falls silent is kept until there is a picture by the web port: it may be the first to be back. */
  #peerFlows(flow: Flow): void {
    if (flow !== 'flowing') this.#options.onDoubt()
    if (this.#showed || this.#carrier === 'peer') {
      this.#progress = flow === 'flowing' ? 'shows' : flow
      this.#decide()
    } else if (flow === 'silent') {
      this.peerFailed(fellSilent())
    }
  }

  /** There was a picture by the present peer connection. */
  get #showed(): boolean {
    return this.#progress === 'shows' || this.#progress === 'doubtful' || this.#progress === 'silent'
  }

  #retry(): void {
    this.#retryTimer?.cancel()
    const { clock, webMedia } = this.#options.environment
    const { progress } = this.#web
    this.#isHeldBack = webMedia.wantsHeadStart && (progress === 'none' || progress === 'opening')
    if (this.#isHeldBack) this.#retryTimer = clock.after(headStartMs, () => this.#tryPeer())
    else this.#tryPeer()
  }

  #tryPeer(): void {
    const { environment, isNegotiating } = this.#options
    const { clock } = environment
    this.#isHeldBack = false
    this.#retryTimer = undefined
    this.#owesOffer = isNegotiating()
    if (this.#owesOffer) return
    this.#peer = this.#openPeer()
    if (!this.#peer) return this.#decide()
    void this.#peer.offer(this.#iceServers)
    const giveUp = () => {
      if (this.#progress !== 'shows') this.peerFailed(new ClientError('timeout', `No media within ${tryLimitMs} ms`))
    }
    this.#peerTimers = [clock.after(tryLimitMs, giveUp)]
  }

  #reasonFor(carrier: 'peer' | 'web-port' | undefined): PathReason {
    if (carrier === 'web-port' && this.#lastError)
      return this.#options.environment.createPeer ? 'udp-failed' : 'no-webrtc'
    return carrier === 'peer' && this.#hasCarried ? 'udp-works' : 'first'
  }

  #dropPeer(reason: string): void {
    for (const timer of this.#peerTimers) timer.cancel()
    this.#peerTimers = []
    const peer = this.#peer
    this.#peer = undefined
    this.#progress = 'none'
    if (peer !== this.#fallen) void peer?.close(reason)
  }

  #dropFallen(): void {
    void this.#fallen?.close('another path carries')
    this.#fallen = undefined
  }

  #decide(): void {
    if (!this.#hasBegun || this.#ending.begun) return
    const { carrier, wantsWeb } = choosePath(this.#progress, this.#web.progress)
    if (carrier === 'web-port' && this.#showed) return this.peerFailed(fellSilent())
    if (carrier !== this.#carrier) this.#carry(carrier)
    if (wantsWeb) this.#web.want()
    else void this.#web.leave()
    if (this.#isHeldBack && this.#web.progress === 'impossible') this.#retry()
    // Nothing is left to wait for.
    const isHopeless = !this.#peer && this.#web.progress === 'impossible'
    if (isHopeless && this.#lastError) void this.#ending.fail(this.explain(this.#lastError))
  }

  #runOut(): void {
    const { environment, isAnswering } = this.#options
    const fail = () => void this.#ending.fail(this.#lastError ?? noMedia())
    if (isAnswering()) this.#grace = environment.clock.after(moreGraceMs, fail)
    else fail()
  }

  #carry(carrier: 'peer' | 'web-port' | undefined): void {
    const { environment, onCarried } = this.#options
    const former = this.#carrier
    const path = carrier === 'peer' ? this.#peer : carrier === 'web-port' ? this.#web.path : undefined
    this.#carrier = carrier
    if (!path) {
      this.#grace ??= environment.clock.after(graceMs, () => this.#runOut())
      return onCarried(undefined)
    }
    this.#grace?.cancel()
    this.#grace = undefined
    const movesToPeer = carrier === 'peer' && former === 'web-port'
    onCarried({
      path,
      kind: carrier === 'peer' ? this.#kind : 'web-port',
      why: this.#reasonFor(carrier),
      former: movesToPeer ? this.#web.leave() : undefined,
    })
    this.#hasCarried = true
    this.#dropFallen()
    if (this.#isHeldBack) {
      this.#retryTimer?.cancel()
      this.#retryTimer = environment.clock.after(untilSettledMs, () => this.#tryPeer())
    }
    if (carrier === 'peer') this.#retries.succeeded()
    this.#ready.resolve()
  }
}

function fellSilent(): ClientError {
  return new ClientError('media-lost', 'Nothing came by WebRTC any more')
}

function noMedia(): ClientError {
  return new ClientError('media-lost', 'No media came any more, by neither path')
}
