import { Backoff } from '../../kernel/backoff.ts'
import { sleep, type Clock } from '../../kernel/clock.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import type { Log } from '../../kernel/log.ts'
import { planConversation } from '../../kernel/monitor/conversation.ts'
import { receiver } from '../../kernel/monitor/conversation-peer.ts'
import { ProtocolViolation } from '../../kernel/monitor/protocol-violation.ts'
import { RecordingMonitor } from '../../kernel/monitor/recording-monitor.ts'
import type { Pipe } from '../../kernel/pipe.ts'
import { Writable, type Readable } from '../../kernel/readable.ts'
import { TokenBucket } from '../../kernel/token-bucket.ts'
import { proveKey } from '../../net/native/key-proof.ts'
import { mayBeChecked } from '../../net/reach/gather-candidates.ts'
import type { WireAddress } from '../../wire/address-bytes.ts'
import type { KeyPair } from '../../wire/native/noise-crypto.ts'
import { rendezvousSubprotocol } from '../../wire/reach/protocol.ts'
import {
  decodeGatewayMessage,
  encodeRegistration,
  hostRegistration,
  hostsPath,
  registrationSubprotocol,
  type RegisteringMessage,
} from '../../wire/reach/registration.ts'
import { WireError } from '../../wire/wire-error.ts'
import type { RendezvousDesk } from './rendezvous-desk.ts'

export interface HostRegistrationOptions {
  /** `https://plane.example.org`, with a folder where a proxy has it in one, and no `/` at the end. */
  readonly url: string
  /** Of the native transport. */
  readonly own: KeyPair
  readonly desk: Pick<RendezvousDesk, 'enter'>
  /** Opens a WebSocket. Rejects with why not, for people. */
  readonly connect: (url: string, subprotocol: string) => Promise<Pipe>
  readonly clock: Clock
  /** Uniform in [0, 1), for the spread of retries. */
  readonly random: () => number
  readonly log: Log
  readonly keepRecording: ((name: string, recording: string) => void) | undefined
}

/** Whether the host is found at its gateway now. */
export type RegistrationState =
  | { readonly kind: 'connecting' }
  /** `sinceMs`: since the Unix epoch. */
  | { readonly kind: 'registered'; readonly sinceMs: number }
  /** It is tried again. `why`: what was found, for people. */
  | { readonly kind: 'failed'; readonly why: string }

const waits = { baseDelayMs: 1000, maxDelayMs: 60_000, jitterFactor: 0.3, healthyAfterMs: 30_000 }
/** A NAT forgets a quiet connection after some minutes, a proxy after one. */
const aliveMs = 20_000
const silentMs = 50_000
const answerMs = 15_000
const recordedMessages = 200
/** Visitors to come for, whatever a gateway says. */
const visitPace = { perSecond: 5, burst: 40 }
const mostComing = 32

const plan = planConversation(hostRegistration, 'host')

/**
 * Keeps a host findable at a gateway while it runs: a socket out to there, by the key of the native transport, opened again with backoff whenever it
 * ends; for each visitor another one, which the rendezvous desk takes as it takes those that come to the web port.
 */
export class HostRegistration implements Disposable {
  readonly #options: HostRegistrationOptions
  readonly #state = new Writable<RegistrationState>({ kind: 'connecting' })
  readonly #ending = new AbortController()
  readonly #pipes = new Set<Pipe>()
  readonly #pace: TokenBucket
  #relays: readonly WireAddress[] = []
  #coming = 0
  #visitors = 0
  #missed = 0
  #recorded = 0

  constructor(options: HostRegistrationOptions) {
    this.#options = options
    this.#pace = new TokenBucket({ ...visitPace, nowMs: options.clock.nowMs() })
    void this.#run()
  }

  get url(): string {
    return this.#options.url
  }

  get state(): Readable<RegistrationState> {
    return this.#state
  }

  /** That the gateway has told of, the best first: they answer STUN, and forward where they take this host's issuer. */
  get relays(): readonly WireAddress[] {
    return this.#relays
  }

  /** Who was told of by the gateway since the start, and of those whom the host did not come for: too many at once, or no way there. */
  get counts(): { readonly visitors: number; readonly missed: number } {
    return { visitors: this.#visitors, missed: this.#missed }
  }

  /** Ends the socket. Visitors go with the desk. */
  [Symbol.dispose](): void {
    this.#ending.abort()
    for (const pipe of this.#pipes) pipe.close(1000, 'The host is closing')
  }

  async #run(): Promise<void> {
    const { clock, random, url, log, connect } = this.#options
    const { signal } = this.#ending
    const backoff = new Backoff(waits, clock, random)
    while (!signal.aborted) {
      const why = await connect(url + hostsPath, registrationSubprotocol).then(
        (pipe) => this.#converse(pipe, () => backoff.succeeded()),
        messageOf,
      )
      if (signal.aborted) return
      const before = this.#state.value
      if (before.kind !== 'failed' || before.why !== why) log.warn('The gateway cannot be used now', { url, why })
      this.#state.set({ kind: 'failed', why })
      await sleep(clock, backoff.failed(), signal).catch(() => {})
    }
  }

  /** Resolves, when the socket has ended, with why. */
  async #converse(pipe: Pipe, succeeded: () => void): Promise<string> {
    const { clock, own, url, log, keepRecording } = this.#options
    if (this.#ending.signal.aborted) pipe.close(1000, 'The host is closing')
    this.#pipes.add(pipe)
    const capacity = keepRecording ? recordedMessages : 0
    const watch = new RecordingMonitor({ plan, epochMs: () => clock.epochMs(), capacity })
    const say = (message: RegisteringMessage) => {
      if (!pipe.open) return
      watch.sent(message.type)
      pipe.send(encodeRegistration(message))
    }
    let why = 'it hung up'
    const end = (reason: string) => {
      why = reason
      pipe.close(1000, reason)
    }
    let heardMs = clock.nowMs()
    let isRegistered = false
    const answer = clock.after(answerMs, () => isRegistered || end('it does not answer'))
    const alive = clock.every(aliveMs, () => {
      if (!isRegistered) return
      if (clock.nowMs() - heardMs > silentMs) {
        why = 'it answers no more'
        return pipe.close(undefined, why)
      }
      say({ type: 'alive' })
    })
    const receive = receiver(hostRegistration, 'host', watch, {
      challenge: ({ key }) => {
        const proof = proveKey(own, Uint8Array.from(Buffer.from(key, 'base64url')))
        if (!proof) return end('its challenge is no key')
        const inText = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url')
        say({ type: 'register', key: inText(own.publicKey), proof: inText(proof) })
      },
      registered: ({ relays }) => {
        this.#learn(relays)
        isRegistered = true
        succeeded()
        this.#state.set({ kind: 'registered', sinceMs: clock.epochMs() })
        log.info('The host is found at its gateway', { url })
      },
      refused: ({ code, message }) => end(`it refuses (${code}): ${message}`),
      alive: ({ relays }) => this.#learn(relays),
      visitor: ({ visit, source }) => void this.#meet(visit, source),
    })
    pipe.listen({
      message: (message) => {
        if (!pipe.open) return
        heardMs = clock.nowMs()
        try {
          if (typeof message !== 'string') throw new WireError('malformed', 'Wanted text')
          const decoded = decodeGatewayMessage(message)
          receive(decoded.type, decoded as never)
        } catch (error) {
          if (!(error instanceof ProtocolViolation) && !(error instanceof WireError)) throw error
          end(`it breaks the protocol: ${error.message}`)
        }
      },
      fault: (_code, message) => end(message),
    })
    await pipe.closed
    answer.cancel()
    alive.cancel()
    this.#pipes.delete(pipe)
    const { recording } = watch
    if (recording !== undefined) keepRecording?.(`registration-${++this.#recorded}`, recording)
    return why
  }

  /** A gateway can say what it likes: nothing is sent where no path would be looked for. */
  #learn(relays: readonly WireAddress[] | undefined): void {
    if (!relays) return
    this.#relays = relays.filter((each) => mayBeChecked(each, []))
    this.#options.log.info('The gateway has told of relays', { url: this.url, relays: this.#relays.length })
  }

  /** Comes for a visitor: what they say is no other than at the web port, and their limits are. */
  async #meet(visit: string, source: string): Promise<void> {
    const { clock, url, connect, desk, log } = this.#options
    this.#visitors++
    if (this.#coming >= mostComing || !this.#pace.take(clock.nowMs())) {
      this.#missed++
      return
    }
    this.#coming++
    try {
      const pipe = await connect(`${url}${hostsPath}/visits/${visit}`, rendezvousSubprotocol)
      if (this.#ending.signal.aborted) return pipe.close(1000, 'The host is closing')
      // A gateway can say what it likes of where somebody comes from: their places are not those of others at the web port.
      desk.enter(pipe, { source: `gateway ${source}`, place: `gateway ${url}, ${source}` })
    } catch (error) {
      this.#missed++
      log.info('A visitor at the gateway could not be met', { from: source, why: messageOf(error) })
    } finally {
      this.#coming--
    }
  }
}
