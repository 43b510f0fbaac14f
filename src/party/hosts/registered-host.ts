import type { Clock } from '../../kernel/clock.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import { ConversationMonitor, planConversation } from '../../kernel/monitor/conversation.ts'
import { receiver } from '../../kernel/monitor/conversation-peer.ts'
import { ProtocolViolation } from '../../kernel/monitor/protocol-violation.ts'
import type { Pipe } from '../../kernel/pipe.ts'
import { TokenBucket } from '../../kernel/token-bucket.ts'
import { isKeyProved } from '../../net/native/key-proof.ts'
import { nodeCrypto } from '../../net/native/node-crypto.ts'
import type { WireAddress } from '../../wire/address-bytes.ts'
import {
  decodeRegistering,
  encodeRegistration,
  hostRegistration,
  mostGatewayRelays,
  type GatewayMessage,
} from '../../wire/reach/registration.ts'
import { WireError } from '../../wire/wire-error.ts'

export interface RegisteredHostOptions {
  readonly pipe: Pipe
  readonly clock: Clock
  /** Of this gateway, now. */
  readonly relays: () => readonly WireAddress[]
  /** It has proved to be the host of that key (base64url). */
  readonly onProved: (key: string, self: RegisteredHost) => void
  /** It says to be the host of a key that it has not. */
  readonly onDisproved: () => void
  /** It broke the rules of the conversation. */
  readonly onFault: (why: string) => void
}

const plan = planConversation(hostRegistration, 'plane')
const introductionMs = 10_000
/** It says every 20 s that it is there. */
const silentMs = 65_000
const looksEveryMs = 10_000
const pace = { perSecond: 2, burst: 10 }
const mostUnsentBytes = 64 * 1024
const policyViolation = 1008

/** The socket that a host keeps at a gateway: who it proves to be, that it is there, and who looks for it. */
export class RegisteredHost {
  readonly #pipe: Pipe
  readonly #watch: ConversationMonitor

  constructor({ pipe, clock, relays, onProved, onDisproved, onFault }: RegisteredHostOptions) {
    let told = '[]'
    /** What has changed of them. */
    const news = () => {
      const now = relays()
        .slice(0, mostGatewayRelays)
        .map(({ address, port }) => ({ address, port }))
      if (JSON.stringify(now) === told) return {}
      told = JSON.stringify(now)
      return { relays: now }
    }
    this.#pipe = pipe
    const watch = new ConversationMonitor(plan)
    this.#watch = watch
    const challenge = nodeCrypto.newKeyPair()
    const messages = new TokenBucket({ ...pace, nowMs: clock.nowMs() })
    let heardMs = clock.nowMs()
    const introduction = clock.after(introductionMs, () => pipe.close(policyViolation, 'Nothing was said in time'))
    const looking = clock.every(looksEveryMs, () => {
      if (clock.nowMs() - heardMs > silentMs) pipe.close(undefined, 'silent')
    })
    const receive = receiver(hostRegistration, 'plane', watch, {
      register: ({ key, proof }) => {
        introduction.cancel()
        const [publicKey, shown] = [key, proof].map((text) => Uint8Array.from(Buffer.from(text, 'base64url')))
        if (publicKey && shown && isKeyProved(challenge, publicKey, shown)) {
          onProved(key, this)
          return this.#say({ type: 'registered', ...news() })
        }
        onDisproved()
        this.#say({ type: 'refused', code: 'proof', message: 'It has not proved that the key is its own' })
        pipe.close(1000, 'That key is not proved')
      },
      alive: () => this.#say({ type: 'alive', ...news() }),
    })
    pipe.listen({
      message: (message) => {
        if (!pipe.open) return
        heardMs = clock.nowMs()
        try {
          if (!messages.take(heardMs)) throw new WireError('malformed', 'Messages came too fast')
          if (typeof message !== 'string') throw new WireError('malformed', 'Wanted text')
          const decoded = decodeRegistering(message)
          receive(decoded.type, decoded as never)
        } catch (error) {
          if (!(error instanceof ProtocolViolation) && !(error instanceof WireError)) throw error
          onFault(error.message)
          pipe.close(policyViolation, messageOf(error))
        }
      },
      fault: (_code, message) => pipe.close(policyViolation, message),
    })
    void pipe.closed.then(() => {
      introduction.cancel()
      looking.cancel()
    })
    this.#say({ type: 'challenge', key: Buffer.from(challenge.publicKey).toString('base64url') })
  }

  /** Tells of somebody who looks for it; false where it takes nothing now. */
  tell(visit: string, source: string): boolean {
    if (!this.#pipe.open || this.#pipe.buffered > mostUnsentBytes) return false
    this.#say({ type: 'visitor', visit, source })
    return true
  }

  close(code: number, reason: string): void {
    this.#pipe.close(code, reason)
  }

  #say(message: GatewayMessage): void {
    if (!this.#pipe.open) return
    this.#watch.sent(message.type)
    this.#pipe.send(encodeRegistration(message))
  }
}
