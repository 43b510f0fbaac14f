import type { Clock, Timer } from '../../kernel/clock.ts'
import { ConversationMonitor, planConversation } from '../../kernel/monitor/conversation.ts'
import type { WireAddress } from '../../wire/address-bytes.ts'
import { decodeLease } from '../../wire/relay/lease.ts'
import { turnLease } from '../../wire/relay/protocol.ts'
import {
  decodeRelayMessage,
  encodePeerMessage,
  forwardType,
  isRelayed,
  provenBy,
  type RelayMessage,
  type RelayReason,
} from '../../wire/relay/relay-message.ts'
import type { TurnGrant } from '../../wire/relay/turn-grant.ts'
import { WireError } from '../../wire/wire-error.ts'
import { nodeCrypto } from '../native/node-crypto.ts'
import type { DatagramSocket } from '../udp/datagram-socket.ts'
import { signBytes, type SigningKey } from './lease-signing.ts'
import { openTurnGrant } from './turn-seal.ts'

/** What a relay has answered. */
export type TurnAnswer =
  | { readonly kind: 'granted'; readonly grant: TurnGrant }
  | { readonly kind: 'refused'; readonly reason: RelayReason | 'no-answer' }

const plan = planConversation(turnLease, 'peer')
/** Between tries; after the last there is no answer. */
const triesMs = [250, 500, 1000, 2000]

/**
 * Asks a relay for credentials of the TURN server beside it: presents the lease, proves its address and that this is the host's end, and
 * gets them sealed for a key that is made for this. `done` is called once, and not after it was cancelled.
 */
export function askTurn(
  options: {
    readonly socket: DatagramSocket
    readonly clock: Clock
    readonly relay: WireAddress
    readonly lease: Uint8Array
    /** Of the host's end, as the lease names it. */
    readonly key: SigningKey
  },
  done: (answer: TurnAnswer) => void,
): Timer {
  const { socket, clock, relay, lease, key } = options
  const { session } = decodeLease(lease).lease
  const own = nodeCrypto.newKeyPair()
  const monitor = new ConversationMonitor(plan)
  const present = encodePeerMessage({ type: 'present', lease })
  let saying = present
  let tries = 0
  let timer: Timer | undefined
  const cancel = () => {
    timer?.cancel()
    listening.cancel()
  }
  const end = (answer: TurnAnswer) => {
    cancel()
    done(answer)
  }
  const say = () => {
    const delayMs = triesMs[tries++]
    timer?.cancel()
    if (delayMs === undefined) return end({ kind: 'refused', reason: 'no-answer' })
    socket.send(saying, relay)
    timer = clock.after(delayMs, say)
  }
  const hear = (message: RelayMessage) => {
    const isPresenting = saying === present
    if (message.type === 'challenge' && isPresenting) {
      monitor.received('challenge')
      monitor.sent('turn')
      const { cookie } = message
      const proven = provenBy('turn', cookie, Uint8Array.from([...lease, ...own.publicKey]))
      saying = encodePeerMessage({ type: 'turn', lease, cookie, proof: signBytes(proven, key), key: own.publicKey })
      tries = 0
      say()
    } else if (message.type === 'turned' && !isPresenting) {
      // Whoever has not the key can say anything here, and is not heard.
      const grant = openTurnGrant(own, message)
      if (!grant) return
      monitor.received('turned')
      end({ kind: 'granted', grant })
    } else if (message.type === 'reject') {
      monitor.received('reject')
      end({ kind: 'refused', reason: message.reason })
    }
  }
  const listening = socket.listen((bytes, from) => {
    if (!isRelayed(bytes) || bytes[0] === forwardType) return false
    if (from.port !== relay.port || from.address !== relay.address) return false
    try {
      const message = decodeRelayMessage(bytes)
      if (message.session !== session) return false
      hear(message)
      return true
    } catch (error) {
      if (error instanceof WireError) return false
      throw error
    }
  })
  monitor.sent('present')
  say()
  return { cancel }
}
