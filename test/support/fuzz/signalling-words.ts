import { randomBytes } from 'node:crypto'
import type { ClientMessage } from '../../../src/wire/signal/messages.ts'
import { chromiumOffer } from '../browser-offers.ts'

/** What contents a message may have. */
export interface WordsOptions {
  readonly lobbyId: string
  /** Below the number. */
  readonly pick: (below: number) => number
}

/** Contents for each label, so that a host has something to do with it. */
export class SignallingWords {
  readonly #options: WordsOptions
  readonly #outbox = randomBytes(12).toString('hex')
  #sequence = 0
  #timestamp = 0

  constructor(options: WordsOptions) {
    this.#options = options
  }

  /** A ping that can be told from all others. */
  ping(): Extract<ClientMessage, { type: 'ping' }> {
    return { type: 'ping', timestamp: ++this.#timestamp }
  }

  make(label: ClientMessage['type']): ClientMessage {
    const { lobbyId, pick } = this.#options
    switch (label) {
      case 'ping':
        return this.ping()
      case 'pong':
        return { type: 'pong', timestamp: 0 }
      case 'join':
        return { type: 'join', lobbyId: pick(3) === 0 ? 'nowhere' : lobbyId }
      case 'limit':
        return { type: 'limit', bitrateBps: pick(1e6) }
      case 'shape':
        return { type: 'shape', shape: pick(3) === 0 ? null : { width: 320 + pick(999), height: 240, maxFps: 30 } }
      case 'clipboard-follow':
        return { type: 'clipboard-follow', on: pick(2) === 0 }
      case 'clipboard-write':
        return { type: 'clipboard-write', text: 'x'.repeat(pick(40)), more: pick(2) === 0 }
      case 'candidate':
        return { type: 'candidate', candidate: pick(2) === 0 ? '' : 'candidate:1 1 udp 1 192.0.2.1 9 typ host' }
      case 'reconnect':
        return { type: 'reconnect', sessionId: 'nobody', resumeToken: 'x' }
      case 'web-media':
        return { type: 'web-media', codecs: ['vp8'], audio: pick(2) === 0 }
      case 'deliver': {
        const sequence = ++this.#sequence
        return { type: 'deliver', outbox: this.#outbox, deliveries: [{ do: 'say', sequence, lobbyId, text: 'hello' }] }
      }
      case 'offer':
        // Without a codec it is refused: a viewer for each would be a test of something else.
        return { type: 'offer', signal: { type: 'offer', sdp: chromiumOffer(noCodec) } }
      default:
        return { type: label }
    }
  }

  /** What is wrong wherever it comes, as text or bytes. */
  nonsense(): string | Uint8Array {
    const { pick } = this.#options
    const all: readonly (string | Uint8Array)[] = [
      'hello?',
      '[]',
      '{"type":"sudo"}',
      '{"type":"join","lobbyId":7}',
      '{"type":"stats"}',
      `{"type":"limit","bitrateBps":-${1 + pick(9)}}`,
      `{"type":"join","lobbyId":"${'x'.repeat(65 + pick(100))}"}`,
      randomBytes(1 + pick(40)),
      randomBytes(1 + pick(40)).toString('latin1'),
    ]
    return all[pick(all.length)] as string | Uint8Array
  }
}

const noCodec = { videoFormats: '99', videoLines: ['a=rtpmap:99 H265/90000'] }
