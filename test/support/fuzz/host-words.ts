import { type ServerMessage, signalProtocolVersion } from '../../../src/wire/signal/messages.ts'

/** Contents for each label of a host's, so that a client has something to do with it. */
export class HostWords {
  readonly #pick: (below: number) => number
  #count = 0

  constructor(pick: (below: number) => number) {
    this.#pick = pick
  }

  /** `through`: how far the client's outbox is to be done. */
  make(label: ServerMessage['type'], { through }: { readonly through: number }): ServerMessage {
    const pick = this.#pick
    const count = ++this.#count
    switch (label) {
      case 'ready':
        return {
          type: 'ready',
          id: `s${count}`,
          protocolVersion: signalProtocolVersion,
          iceServers: [],
          resumeToken: `r${count}`,
          role: 'player',
          webMedia: pick(2) === 0,
        }
      case 'signal':
        return { type: 'signal', signal: { type: 'answer', sdp: 'v=0 answer' } }
      case 'offer-refused':
      case 'clipboard-refused':
      case 'web-media-refused':
      case 'error':
        return { type: label, code: `code-${pick(5)}`, message: 'It cannot be' }
      case 'candidate':
        return { type: 'candidate', candidate: pick(2) === 0 ? '' : 'candidate:1 1 udp 1 192.0.2.1 9 typ host' }
      case 'role':
        return { type: 'role', role: pick(2) === 0 ? 'viewer' : 'player' }
      case 'reconnect-ack': {
        const success = pick(2) === 0
        const sessionId = `s${count}`
        return { type: 'reconnect-ack', success, sessionId, historyRecovered: success, resumeToken: `r${count}` }
      }
      case 'place':
        return {
          type: 'place',
          place: pick(2) === 0 ? { kind: 'lobby', lobbyId: 'games' } : { kind: 'waiting-room', reason: 'left' },
        }
      case 'shape': {
        const asked = pick(3) === 0 ? null : { width: 640, height: 360, maxFps: 30 }
        return { type: 'shape', asked, given: pick(2) === 0 ? asked : null }
      }
      case 'ice-servers':
        return { type: 'ice-servers', iceServers: [], ...(pick(2) === 0 && { iceServersForMs: pick(20_000) }) }
      case 'clipboard':
        return { type: 'clipboard', text: 'x'.repeat(pick(20)), more: pick(2) === 0 }
      case 'clipboard-written':
        return { type: 'clipboard-written' }
      case 'web-media-ticket':
        return { type: 'web-media-ticket', ticket: `t${count}` }
      case 'delivered':
        return { type: 'delivered', through, refused: [] }
      case 'texts': {
        const text = { memberId: 'bob', name: 'Bob', role: 'player', text: 'hello', atMs: count } as const
        return { type: 'texts', lobbyId: 'games', texts: [{ id: count, ...text }] }
      }
      case 'seats':
        return { type: 'seats', lobbyId: 'games', seating: 'single', seats: [], players: [], askers: [] }
      case 'voices':
        return { type: 'voices', lobbyId: 'games', voice: 'app', audience: { app: true, members: false }, speaking: [] }
      case 'rumble':
        return { type: 'rumble', pad: pick(4), strong: 0.5, weak: 0, durationMs: 10 }
      case 'stats':
        return { type: 'stats', targetBps: 1e6, sentBps: 9e5, roundTripMs: 3, lossRatio: 0 }
      case 'ping':
      case 'pong':
        return { type: label, timestamp: count }
    }
  }
}
