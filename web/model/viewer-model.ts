import { computed, signal } from '@preact/signals'
import {
  CuttableNetwork,
  openInputCapture,
  PorchlightClient,
  signallingUrl,
  systemClock,
  type ClientError,
  type ClientPath,
  type ConnectionStatus,
  type InputCapture,
  type Place,
  type SoftKeys,
  type SoftModifier,
  type Role,
  type ShapeOffer,
  type ViewerStats,
} from '../../src/client/index.ts'
import type { PictureTaste } from './preferences.ts'
import type { ToastKind } from './toasts.ts'
import { pageBase } from './page-base.ts'
import { SeatsModel } from './seats-model.ts'
import { ChatModel } from './chat-model.ts'
import { VoicesModel } from './voices-model.ts'
import { ClipboardModel } from './clipboard-model.ts'
import { guardHistory, keepsMouseHistory } from './mouse-history.ts'
import { ConnectionJournal } from './connection-journal.ts'

/** A session and the secret that it can be resumed with. */
export interface StartedSession {
  readonly sessionId: string
  readonly resumeToken: string
}

export interface ViewerOptions {
  readonly lobbyId: string
  readonly token: string
  /** To go on with, from another device. */
  readonly session: StartedSession | undefined
  /** What one may do is known, or has changed. */
  readonly onRole: (role: Role) => void
  /** Somebody else has put the session into another lobby, or, without one, into its waiting room. */
  readonly onSent: (sent: NonNullable<Place['sent']>, lobbyId: string | undefined) => void | Promise<void>
  /** The connection was lost or refused. */
  readonly onTrouble: () => void
  readonly onMessage: (text: string, kind?: ToastKind) => void
  /** What fingers do on the picture. */
  readonly touchMode: () => 'direct' | 'trackpad'
  /** What the Option keys of a Mac are for. */
  readonly optionKeys: () => 'characters' | 'alt'
  /** The keyboard was let go by its shortcut. */
  readonly onRelease: () => void
}

/** What the model plays on. */
export interface ViewerElements {
  readonly surface: HTMLElement
  readonly video: HTMLVideoElement
  /** Called when the connection is lost, as long as the video still shows its last picture. */
  readonly keepPicture: () => void
}

const historyLength = 60
/** Refusals that the state of the connection, or of the microphone, shows as well. */
const toldByState: ReadonlySet<string> = new Set([
  'gateway-closed',
  'session-ended',
  'surrendered',
  'media-lost',
  'voice-forbidden',
  'too-many-speakers',
])

/** One stay in one lobby: the client, what it plays on, and what is to be said about it. */
export class ViewerModel {
  readonly status = signal<ConnectionStatus>('disconnected')
  readonly place = signal<Place | undefined>(undefined)
  /** How media comes. */
  readonly path = signal<ClientPath | undefined>(undefined)
  readonly stats = signal<ViewerStats | undefined>(undefined)
  /** What became of the size that one has chosen. */
  readonly shape = signal<ShapeOffer | undefined>(undefined)
  /** The last minute, oldest first. */
  readonly history = signal<readonly ViewerStats[]>([])
  readonly retry = signal<number | undefined>(undefined)
  /** When the next try begins, by `performance.now()`. */
  readonly nextTryMs = signal<number | undefined>(undefined)
  readonly cause = signal<string | undefined>(undefined)
  /** The stay is over: it goes on on another device, or the host has ended it. */
  readonly end = signal<'moved' | 'ended' | undefined>(undefined)
  /** The host has answered since the connection was lost. */
  readonly isHostThere = signal(false)
  /** WebRTC does not get through, and this browser cannot take media through the web port. */
  readonly lacksWebMedia = signal(false)
  /** The host answers, but something in between does not pass on WebSockets. */
  readonly isBlocked = signal(false)
  /** The host knows no such lobby (any more). */
  readonly isGone = signal(false)
  /** The host said so before the connection was lost. */
  readonly hostIsClosing = signal(false)
  /** True from the first picture on. */
  readonly hasPicture = signal(false)
  readonly muted = signal(true)
  readonly captured = signal(false)
  readonly pointerLocked = signal(false)
  readonly onScreenKeyboard = signal(false)
  /** Modifiers of the keys bar that wait for the next key. */
  readonly modifiers = signal<ReadonlySet<SoftModifier>>(new Set())
  readonly clipboard: ClipboardModel
  readonly chat = new ChatModel()
  readonly journal = new ConnectionJournal()
  readonly isCut = signal(false)
  /** What another device would need to go on with it. */
  readonly session = signal<StartedSession | undefined>(undefined)
  readonly seats: SeatsModel
  readonly voices: VoicesModel
  /** Why the waiting room is shown; undefined in the lobby. */
  readonly waiting = computed(() => {
    const place = this.place.value
    return place?.kind === 'waiting-room' ? place.reason : undefined
  })
  readonly #options: ViewerOptions
  readonly #network = new CuttableNetwork()
  #client: PorchlightClient | undefined
  #elements: ViewerElements | undefined
  #mayPlay = false
  #capture: InputCapture | undefined
  #stopGuard: (() => void) | undefined

  constructor(options: ViewerOptions) {
    this.#options = options
    this.#network.isCut.subscribe((isCut) => {
      this.isCut.value = isCut
    })
    this.seats = new SeatsModel({ onDeclined: () => options.onMessage('The owner has said: not now', 'info') })
    this.voices = new VoicesModel({ onMessage: options.onMessage })
    this.clipboard = new ClipboardModel({ onMessage: options.onMessage, isInside: () => this.captured.value })
  }

  /** Puts the picture and the input on the page, and connects. */
  open(elements: ViewerElements): void {
    const { video } = elements
    this.#elements = elements
    video.addEventListener('volumechange', () => {
      this.muted.value = video.muted
    })
    video.addEventListener('loadeddata', () => {
      this.hasPicture.value = true
    })
    // Media keys of a keyboard or a headset stop whatever plays in a page; what is live does not stop.
    video.addEventListener('pause', () => {
      if (video.srcObject !== null) void video.play().catch(() => {})
    })
    this.#connect()
    this.#capturePlayer()
  }

  /** Takes keyboard and pointer to the host, or leaves them alone. */
  setMayPlay(mayPlay: boolean): void {
    this.#mayPlay = mayPlay
    this.#capturePlayer()
  }

  /** After a failure. */
  tryAgain(): void {
    // What becomes of it is told by the events.
    this.#client?.start().catch(() => {})
  }

  /** While the connection is away: waits no longer. */
  tryNow(): void {
    this.#client?.tryNow()
  }

  /** Severs every connection for a while, as if the cable was pulled. */
  cutNetwork(durationMs: number): void {
    // A connection that is closed leaves a black picture behind; one that is lost would not.
    this.#elements?.keepPicture()
    this.#network.cut(durationMs)
  }

  /** Leaves for good. */
  close(): void {
    this.#capture?.close()
    this.#stopGuard?.()
    this.clipboard.close()
    this.seats.close()
    this.chat.dispose()
    this.voices.close()
    void this.#client?.close()
  }

  /** Before somebody has touched the page a browser refuses sound, and stops the picture with it: then it stays off. */
  setSound(on: boolean, volume: number): void {
    if (!this.#elements) return
    const { video } = this.#elements
    video.volume = volume
    video.muted = !on || !navigator.userActivation.hasBeenActive
  }

  /** What one sees oneself from now on. */
  setPicture({ mode, size, maxFps, maxMbps }: PictureTaste): void {
    const [width = 0, height = 0] = size.split('x').map(Number)
    const chosen = { shape: { width, height, maxFps }, maxBitrateBps: maxMbps * 1e6 }
    this.#client?.picture.set(mode === 'chosen' ? chosen : {})
  }

  /** What layout the own keyboard seems to have. */
  guessLayout(): string | undefined {
    return this.#capture?.guessLayout()
  }

  focus(): void {
    this.#capture?.focus()
  }

  async setPointerLock(locked: boolean): Promise<void> {
    await this.#capture?.setPointerLock(locked).catch(() => {
      this.#options.onMessage('The browser did not lock the pointer. Click the picture and try again.')
    })
  }

  /** Undefined for who may not play. */
  get softKeys(): SoftKeys | undefined {
    return this.#capture?.softKeys
  }

  toggleOnScreenKeyboard(): void {
    this.#capture?.setOnScreenKeyboard(!this.onScreenKeyboard.value)
  }

  #connect(): void {
    const { lobbyId, token } = this.#options
    const client = new PorchlightClient({
      signallingUrl: signallingUrl(pageBase()),
      token,
      // Somebody who left the page open wants to find the app in it, however long the network was gone.
      reconnection: { maxRetries: Infinity, maxDelayMs: 10_000 },
      environment: this.#network.environment,
    })
    this.#client = client
    this.clipboard.use(client)
    this.seats.use(client)
    this.chat.use(client)
    this.journal.use(client, this.#network)
    this.voices.use(client)
    this.cause.value = undefined
    client.on('stateChange', (status) => {
      if (this.#client !== client) return
      if (status === 'reconnecting') this.#elements?.keepPicture()
      this.status.value = status
      this.cause.value = client.cause?.message
      this.end.value = endOf(client.cause)
      if (client.cause) this.lacksWebMedia.value = client.cause.code === 'web-media-unavailable'
      if (status === 'connected') this.lacksWebMedia.value = false
      if (client.cause) this.isBlocked.value = client.cause.code === 'websockets-blocked'
      if (status === 'connected') this.isBlocked.value = false
      if (client.cause?.hostCode === 'gateway-closed') this.hostIsClosing.value = true
      if (status === 'connected') this.hostIsClosing.value = false
      if (status === 'connected') this.retry.value = undefined
      if (status === 'connected') this.#capture?.introduceGamepads()
      if (status === 'reconnecting' || status === 'failed') this.#options.onTrouble()
    })
    client.on('session', () => {
      const { currentSessionId: sessionId, currentResumeToken: resumeToken } = client
      const isKnown = sessionId !== undefined && resumeToken !== undefined
      this.session.value = isKnown ? { sessionId, resumeToken } : undefined
    })
    client.isHostThere.subscribe((isThere) => {
      this.isHostThere.value = isThere
    })
    client.on('reconnecting', (attempt, _maxAttempts, delayMs) => {
      this.retry.value = attempt
      this.nextTryMs.value = performance.now() + delayMs
    })
    client.on('rumble', (pad, rumble) => this.#capture?.rumble(pad, rumble))
    client.on('role', this.#options.onRole)
    client.on('place', (place) => {
      const before = this.place.value
      this.place.value = place
      const isNews = before?.sent === undefined || before.lobbyId !== place.lobbyId
      if (place.sent && isNews) void this.#options.onSent(place.sent, place.lobbyId)
      if (place.kind === 'lobby') this.isGone.value = false
    })
    client.path.subscribe((path) => {
      this.path.value = path
    })
    client.picture.shape.subscribe((offer) => {
      this.shape.value = offer
    })
    client.on('stats', (stats) => {
      this.stats.value = stats
      this.history.value = [...this.history.value, stats].slice(-historyLength)
    })
    client.on('error', (error) => {
      if (error.code === 'host-error') this.#hear(error)
    })
    if (this.#elements) client.attach(this.#elements.video)
    // What becomes of it is told by the events.
    client.start({ lobbyId, ...this.#options.session }).catch(() => {})
  }

  /** What ends the stay, or is said elsewhere already, is no message of its own. */
  #hear({ hostCode = '', message }: ClientError): void {
    if (hostCode === 'lobby-not-found' || hostCode === 'lobby-ended') this.isGone.value = true
    else if (hostCode === 'declined-lately')
      this.#options.onMessage('The owner has just said: not now. Ask again later', 'info')
    else if (!toldByState.has(hostCode)) this.#options.onMessage(message)
  }

  #capturePlayer(): void {
    if (!this.#elements || this.#mayPlay === (this.#capture !== undefined)) return
    if (this.#mayPlay) return this.#openCapture(this.#elements)
    this.#capture?.close()
    this.#capture = undefined
    this.#stopGuard?.()
    this.#stopGuard = undefined
    this.captured.value = false
    this.pointerLocked.value = false
    this.onScreenKeyboard.value = false
  }

  #openCapture({ surface, video }: ViewerElements): void {
    const capture = openInputCapture({
      surface,
      video,
      clock: systemClock,
      touchMode: this.#options.touchMode,
      optionKeys: this.#options.optionKeys,
      send: (message) => {
        if (this.seats.allows(message)) this.#client?.send(message)
      },
      paste: this.clipboard.paste,
      onNotPasted: this.clipboard.notPasted,
      onRelease: this.#options.onRelease,
    })
    this.#capture = capture
    const isInApp = () => this.captured.value && (this.pointerLocked.value || surface.matches(':hover'))
    capture.captured.subscribe((captured) => {
      this.captured.value = captured
      if (captured && keepsMouseHistory)
        this.#stopGuard ??= guardHistory({ isInApp, onClick: (button) => capture.click(button) })
    })
    capture.pointerLocked.subscribe((locked) => {
      this.pointerLocked.value = locked
    })
    capture.softKeys.modifiers.subscribe((modifiers) => {
      this.modifiers.value = modifiers
    })
    capture.onScreenKeyboard.subscribe((shown) => {
      this.onScreenKeyboard.value = shown
    })
  }
}

function endOf(cause: ClientError | undefined): 'moved' | 'ended' | undefined {
  if (cause?.code === 'session-moved') return 'moved'
  return cause?.code === 'session-ended' ? 'ended' : undefined
}
