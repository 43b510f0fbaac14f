import { signal } from '@preact/signals'
import type { ClientPath, ConnectionStatus, CuttableNetwork, PorchlightClient } from '../../src/client/index.ts'
import { describeMove } from './describe-path.ts'

/** Something that became of the connection. */
export interface JournalEntry {
  /** By `performance.now()`. */
  readonly atMs: number
  readonly text: string
  /** The state from then on, where it is another one. */
  readonly status?: ConnectionStatus
}

const length = 8
/** What brings the picture. */
const media: Readonly<Record<ClientPath['kind'], string>> = {
  direct: 'WebRTC',
  relayed: 'a relay (WebRTC)',
  'web-port': 'web port',
  native: 'native',
}

/** What became of the connection last, for whoever wants to watch it come back. */
export class ConnectionJournal {
  /** Oldest first. */
  readonly entries = signal<readonly JournalEntry[]>([])

  /** Follows a client and the network that it is on. */
  use(client: PorchlightClient, network: CuttableNetwork): void {
    network.isCut.subscribe((isCut) => this.#add(isCut ? 'Network cut' : 'Network back'))
    let retry: string | undefined
    client.on('reconnecting', (attempt, maxAttempts) => {
      retry = Number.isFinite(maxAttempts) ? `try ${attempt} of ${maxAttempts}` : `try ${attempt}`
      this.#add(`Waiting for ${retry}`)
    })
    client.on('stateChange', (status) => {
      const text = status === 'connecting' && retry !== undefined ? `connecting, ${retry}` : status
      if (status === 'connected') retry = undefined
      this.#add(status === 'reconnecting' ? `Lost: ${client.cause?.message ?? ''}` : capital(text), status)
    })
    client.on('session', ({ isResumed, historyRecovered }) => {
      if (historyRecovered) this.#add('Same session, same place, same seat')
      else this.#add(isResumed ? 'Same session, not all as it was' : 'A fresh session')
    })
    let kind: ClientPath['kind'] | undefined
    let move: string | undefined
    client.on('pathChange', (path) => {
      if (path && path.kind !== kind) this.#add(`Picture by ${media[path.kind]}`)
      // Of WebRTC, what moves is told by that already, unless the connection stands.
      const news = path && (path.kind === 'native' || path.host?.reason === 'moved') ? describeMove(path) : undefined
      if (news !== undefined && news !== move) this.#add(news)
      if (path) move = news
      kind = path?.kind
    })
  }

  #add(text: string, status?: ConnectionStatus): void {
    const entry = { atMs: performance.now(), text, ...(status && { status }) }
    this.entries.value = [...this.entries.value, entry].slice(-length)
  }
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
