import { hostname, userInfo } from 'node:os'
import { sleep, systemClock, type Clock } from '../../kernel/clock.ts'
import { Ending, type Closable } from '../../kernel/ending.ts'
import { goingAway, type Pipe, type PipeMessage } from '../../kernel/pipe.ts'
import type { PathPolicy } from '../../net/paths/path-policy.ts'
import type { ByteStream } from '../../net/streams/byte-stream.ts'
import { maxDeviceNameLength, maxNameLength } from '../../wire/api/resources.ts'
import type { KeyPair } from '../../wire/native/noise-crypto.ts'
import { parseNativeLink } from '../../wire/native/native-link.ts'
import { WireError } from '../../wire/wire-error.ts'
import type { Introduction, Welcome } from '../connect/admission.ts'
import { Connector, type Connected } from '../connect/connector.ts'
import { openOwnEnd, type OwnEnd } from '../connect/own-end.ts'
import { ViewError } from '../contract/view-error.ts'
import { OwnFiles } from '../own/own-files.ts'
import { HostVisit } from './host-visit.ts'
import type { MediaTap } from './media-pipe.ts'
import { RequestChannel } from './request-channel.ts'

export interface NativeHostOptions {
  /** `porchlight://HOST:PORT/KEY#INVITATION`. */
  readonly link: string
  /** Where this device keeps its key and those of the hosts it knows. */
  readonly directory: string
  /** How the others are to call one; the name of the account unless given. */
  readonly name?: string
  /** What this device is to be called; the name of the machine unless given. */
  readonly device?: string
  /** The PIN of the invitation; nobody is asked unless given. */
  readonly pin?: Introduction['pin']
  /** Which paths its channels take; `prefer-direct` unless given. */
  readonly pathPolicy?: PathPolicy
  /** Whether a direct path is looked for by birthday where there is no other; not unless given. */
  readonly probesByBirthday?: boolean
  /** Default: the machine's. */
  readonly clock?: Clock
  /** By what channels are opened; a socket of its own unless given. It is closed with the host. */
  readonly end?: OwnEnd
}

/** A conversation is given so long to answer when the host has just answered beside it. */
const besideMs = 800
const lookMs = 10

/**
 * A host that is reached by its native transport, from the first time on: a channel for requests stands for as long as there is one, and
 * each conversation has one of its own. What is lost is opened anew when it is asked for.
 */
export class NativeHost implements Closable {
  readonly closed: Closable['closed']
  readonly #connector: Connector
  readonly #clock: Clock
  readonly #visits = new Set<HostVisit>()
  readonly #taps = new Set<MediaTap>()
  readonly #ending: Ending
  readonly #requests: RequestChannel
  #welcome: Welcome

  private constructor(
    connector: Connector,
    first: Connected,
    options: { readonly clock: Clock; readonly release: () => Promise<void> },
  ) {
    this.#connector = connector
    this.#clock = options.clock
    this.#welcome = first.welcome
    this.#requests = new RequestChannel(first.channel, {
      clock: this.#clock,
      connect: () => this.#connectForRequests(),
    })
    this.#ending = new Ending(async () => {
      const visits = [...this.#visits]
      for (const visit of visits) visit.close(goingAway, 'The viewer is closing')
      await Promise.all(visits.map(({ closed: gone }) => gone))
      await options.release()
    })
    this.closed = this.#ending.closed
  }

  /** Goes there, and is let in. Rejects with ViewError. */
  static async open(options: NativeHostOptions): Promise<NativeHost> {
    const { directory, clock = systemClock, pin = () => Promise.resolve(undefined) } = options
    const link = linkOf(options.link)
    const files = new OwnFiles(directory)
    const own: KeyPair = files.deviceKey()
    const { pathPolicy: policy, probesByBirthday } = options
    const end = options.end ?? (await openOwnEnd({ own, clock, policy, probesByBirthday }))
    try {
      const name = (options.name?.trim() || accountName()).slice(0, maxNameLength)
      const device = (options.device?.trim() || hostname()).slice(0, maxDeviceNameLength)
      const connector = new Connector({ link, end, files, clock, introduction: { name, device, pin } })
      const first = await connector.connect('requests', () => {})
      return new NativeHost(connector, first, { clock, release: () => end.close() })
    } catch (error) {
      await end.close()
      throw error
    }
  }

  /** Who one is there, as it was said last. */
  get welcome(): Welcome {
    return this.#welcome
  }

  /** As people call it: where it is. */
  get name(): string {
    return this.#connector.name
  }

  /** Conversations that stand now, the newest last. */
  get visits(): readonly HostVisit[] {
    return [...this.#visits]
  }

  /** Begins a conversation. Rejects with ViewError. */
  async visit(): Promise<HostVisit> {
    let visit: HostVisit | undefined
    const early: PipeMessage[] = []
    const onward = (message: PipeMessage) => void (visit ? visit.hear(message) : early.push(message))
    const { channel, welcome } = await this.#connector.connect('session', onward)
    if (this.#ending.begun) {
      void channel.close('closed')
      throw closed()
    }
    this.#welcome = welcome
    const opened = (visit = new HostVisit(channel, this.#taps))
    for (const message of early) opened.hear(message)
    this.#visits.add(opened)
    void opened.closed.then(() => this.#visits.delete(opened))
    return opened
  }

  /** Hears the media of all conversations, until the function that it gives is called. */
  tap(tap: MediaTap): () => void {
    this.#taps.add(tap)
    return () => void this.#taps.delete(tap)
  }

  /** The media that a ticket is for, which the host has told in a conversation; undefined for any other. */
  takeMedia(ticket: string): Pipe | undefined {
    for (const visit of this.#visits) {
      const media = visit.takeMedia(ticket)
      if (media) return media
    }
    return undefined
  }

  /** A stream for one request, HTTP/1.1 as at the web port. Rejects with ViewError, or StreamError `too-many`. */
  async openRequest(): Promise<ByteStream> {
    if (this.#ending.begun) throw closed()
    return await this.#requests.openRequest()
  }

  /**
   * Whether the host answers now: false once `signal` says that nobody waits any more. It is said after conversations have had their
   * answers, which come by the same paths: whoever takes it for a sign that theirs is dead has heard by then that it is not. Never rejects.
   */
  async isThere(signal: AbortSignal): Promise<boolean> {
    if (this.#ending.begun) return false
    const gone = new Promise<false>((resolve) => signal.addEventListener('abort', () => resolve(false)))
    const found = this.#requests.answered(signal).then(
      () => this.#untilHeard(signal),
      () => false,
    )
    return await Promise.race([found, gone])
  }

  close(reason?: string): Promise<void> {
    return this.#ending.close(reason)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #connectForRequests(): Promise<Connected['channel']> {
    if (this.#ending.begun) throw closed()
    const { channel, welcome } = await this.#connector.connect('requests', () => {})
    this.#welcome = welcome
    return channel
  }

  /** Until no conversation that stands waits for an answer, or none comes although the host is there. */
  async #untilHeard(signal: AbortSignal): Promise<true> {
    const untilMs = this.#clock.nowMs() + besideMs
    const isAsking = () => this.visits.some((visit) => visit.open && visit.isAsking)
    while (isAsking() && !signal.aborted && this.#clock.nowMs() < untilMs) await sleep(this.#clock, lookMs)
    return true
  }
}

function linkOf(text: string) {
  try {
    return parseNativeLink(text)
  } catch (error) {
    if (error instanceof WireError) throw new ViewError('refused', error.message, { cause: error })
    throw error
  }
}

function accountName(): string {
  try {
    return userInfo().username
  } catch {
    // An account without an entry, as in a container.
    return 'Somebody'
  }
}

function closed(): ViewError {
  return new ViewError('closed', 'This end is closing')
}
