import { hostname, userInfo } from 'node:os'
import { sleep, systemClock, type Clock } from '../../kernel/clock.ts'
import { Ending, type Closable } from '../../kernel/ending.ts'
import { goingAway, type Pipe, type PipeMessage } from '../../kernel/pipe.ts'
import type { PathPolicy } from '../../net/paths/path-policy.ts'
import type { ByteStream } from '../../net/streams/byte-stream.ts'
import { StreamError } from '../../net/streams/stream-error.ts'
import { maxDeviceNameLength, maxNameLength } from '../../wire/api/resources.ts'
import type { KeyPair } from '../../wire/native/noise-crypto.ts'
import { parseNativeLink } from '../../wire/native/native-link.ts'
import { WireError } from '../../wire/wire-error.ts'
import type { HostChannel } from '../channel/host-channel.ts'
import type { Introduction, Welcome } from '../connect/admission.ts'
import { Connector } from '../connect/connector.ts'
import { openOwnEnd } from '../connect/own-end.ts'
import { ViewError } from '../contract/view-error.ts'
import { OwnFiles } from '../own/own-files.ts'
import { HostVisit } from './host-visit.ts'
import type { MediaTap } from './media-pipe.ts'

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
}

/** How long an answer to whether the host is there is waited for before it is asked again. */
const confirmMs = 250
/** How often, and how long apart, room for one more stream is looked for. */
const mostTries = 100
const againMs = 20
/** It is asked twice a second; whoever has answered so lately, or not much longer ago than an answer takes, is there. */
const answeredMs = 1000

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
  #welcome: Welcome
  #requests: Promise<HostChannel>
  /** Another one, on its way. */
  #renewal: Promise<HostChannel> | undefined

  private constructor(
    connector: Connector,
    first: { readonly channel: HostChannel; readonly welcome: Welcome },
    options: { readonly clock: Clock; readonly release: () => Promise<void> },
  ) {
    this.#connector = connector
    this.#clock = options.clock
    this.#welcome = first.welcome
    this.#requests = Promise.resolve(first.channel)
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
    const end = await openOwnEnd({ own, clock, policy: options.pathPolicy, probesByBirthday: options.probesByBirthday })
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

  /**
   * A stream for one request, HTTP/1.1 as at the web port. One that is over makes room when the host has heard of it, which is waited for.
   * Rejects with ViewError, or StreamError `too-many`.
   */
  async openRequest(): Promise<ByteStream> {
    for (let tries = 1; ; tries++) {
      const channel = await this.#answering()
      try {
        return channel.openRequest()
      } catch (error) {
        if (!(error instanceof StreamError) || tries === mostTries) throw error
        await sleep(this.#clock, againMs)
      }
    }
  }

  /** Whether the host answers now: false once `signal` says that nobody waits any more. Never rejects. */
  async isThere(signal: AbortSignal): Promise<boolean> {
    const gone = new Promise<undefined>((resolve) => signal.addEventListener('abort', () => resolve(undefined)))
    const found = await Promise.race([this.#answering().catch(() => undefined), gone])
    return found !== undefined
  }

  close(reason?: string): Promise<void> {
    return this.#ending.close(reason)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** The channel for requests; where the one that stands does not answer, another one, if that is sooner. */
  async #answering(): Promise<HostChannel> {
    if (this.#ending.begun) throw closed()
    const standing = await this.#requests.catch(() => undefined)
    if (!standing?.isOpen) return await this.#renew(standing)
    if (answers(standing)) return standing
    const renewed = this.#renew(standing)
    return await Promise.any([this.#untilAnswered(standing), renewed])
  }

  async #untilAnswered(channel: HostChannel): Promise<HostChannel> {
    while (channel.isOpen) {
      channel.link.confirm()
      await sleep(this.#clock, confirmMs)
      if (answers(channel)) return channel
    }
    throw lost()
  }

  /** Opens another channel in the place of one; whoever finds that out first does so for all. */
  #renew(former: HostChannel | undefined): Promise<HostChannel> {
    this.#renewal ??= this.#connector
      .connect('requests', () => {})
      .then(({ channel, welcome }) => {
        this.#welcome = welcome
        this.#requests = Promise.resolve(channel)
        void former?.close('closed', 'Another channel took its place')
        return channel
      })
      .finally(() => (this.#renewal = undefined))
    return this.#renewal
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

function answers({ statistics: { unansweredMs, roundTripMs = 0 } }: HostChannel): boolean {
  return unansweredMs < answeredMs + 2 * roundTripMs
}

function lost(): ViewError {
  return new ViewError('lost', 'The channel to the host is over')
}

function closed(): ViewError {
  return new ViewError('closed', 'This end is closing')
}
