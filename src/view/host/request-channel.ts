import { sleep, type Clock } from '../../kernel/clock.ts'
import type { ByteStream } from '../../net/streams/byte-stream.ts'
import { StreamError } from '../../net/streams/stream-error.ts'
import type { HostChannel } from '../channel/host-channel.ts'
import { ViewError } from '../contract/view-error.ts'

export interface RequestChannelOptions {
  readonly clock: Clock
  /** Opens another channel in the place of one that is lost. Rejects with ViewError. */
  readonly connect: () => Promise<HostChannel>
}

/** How long an answer to whether the host is there is waited for before it is asked again. */
const confirmMs = 250
/** How often, and how long apart, room for one more stream is looked for. */
const mostTries = 100
const againMs = 20
/** It is asked twice a second; whoever has answered so lately, or not much longer ago than an answer takes, is there. */
const answeredMs = 1000

/** The channel for requests to a host: one stands for as long as there is any, and what is lost is opened anew when it is asked for. */
export class RequestChannel {
  readonly #options: RequestChannelOptions
  #standing: HostChannel
  /** Another one, on its way. */
  #renewal: Promise<HostChannel> | undefined

  constructor(first: HostChannel, options: RequestChannelOptions) {
    this.#options = options
    this.#standing = first
  }

  /**
   * A stream for one request. One that is over makes room when the host has heard of it, which is waited for. Rejects with ViewError, or
   * StreamError `too-many`.
   */
  async openRequest(): Promise<ByteStream> {
    for (let tries = 1; ; tries++) {
      const channel = await this.#answering()
      try {
        return channel.openRequest()
      } catch (error) {
        if (!(error instanceof StreamError) || tries === mostTries) throw error
        await sleep(this.#options.clock, againMs)
      }
    }
  }

  /**
   * Resolves as soon as the host has answered by it from now on: what came before says nothing of a path that has just died. Rejects with
   * ViewError, also when nobody waits any more.
   */
  async answered(signal: AbortSignal): Promise<void> {
    const fromMs = this.#options.clock.nowMs()
    const standing = this.#standing
    if (!standing.isOpen) return void (await this.#renew())
    const known = this.#untilAnswered(standing, () => sinceAnswer(standing) <= this.#since(fromMs), signal)
    if (answersLately(standing)) await known
    else await either(known, this.#renew())
  }

  #since(fromMs: number): number {
    return this.#options.clock.nowMs() - fromMs
  }

  /** The one that stands; where it does not answer, another one, if that is sooner. */
  async #answering(): Promise<HostChannel> {
    const standing = this.#standing
    if (!standing.isOpen) return await this.#renew()
    if (answersLately(standing)) return standing
    return await either(
      this.#untilAnswered(standing, () => answersLately(standing)),
      this.#renew(),
    )
  }

  async #untilAnswered(channel: HostChannel, hasAnswered: () => boolean, signal?: AbortSignal): Promise<HostChannel> {
    while (channel.isOpen) {
      channel.link.confirm()
      await sleep(this.#options.clock, confirmMs)
      if (hasAnswered()) return channel
      if (signal?.aborted === true) break
    }
    throw new ViewError('lost', 'The channel to the host is over')
  }

  /** Whoever finds out first that another one is needed opens it for all. */
  #renew(): Promise<HostChannel> {
    this.#renewal ??= this.#options
      .connect()
      .then((channel) => {
        void this.#standing.close('closed', 'Another channel took its place')
        return (this.#standing = channel)
      })
      .finally(() => (this.#renewal = undefined))
    return this.#renewal
  }
}

/** The channel that is there first; where neither is, it is said why there is no new one. */
async function either(standing: Promise<HostChannel>, renewed: Promise<HostChannel>): Promise<HostChannel> {
  return await Promise.any([standing, renewed]).catch(() => renewed)
}

/** A channel that has just taken another path has no answer by it yet. */
function sinceAnswer({ statistics: { unansweredMs, roundTripMs } }: HostChannel): number {
  return roundTripMs === undefined ? Infinity : unansweredMs
}

function answersLately({ statistics: { unansweredMs, roundTripMs = 0 } }: HostChannel): boolean {
  return unansweredMs < answeredMs + 2 * roundTripMs
}
