import { messageOf } from '../../kernel/coded-error.ts'
import type { Log } from '../../kernel/log.ts'
import type { Unsubscribe } from '../../kernel/readable.ts'
import type { SignalData } from '../contract/party-membership.ts'

type Listener = (peerId: string, data: SignalData) => void

/** Signals between members by what they are about: each goes as `{topic, data}`, and to those alone who listen to its topic. */
export class SignalTopics {
  readonly #listeners = new Map<string, Set<Listener>>()
  readonly #log: Log

  constructor(log: Log) {
    this.#log = log
  }

  listen(topic: string, listener: Listener): Unsubscribe {
    const listeners = this.#listeners.get(topic) ?? new Set()
    const entry: Listener = (peerId, data) => listener(peerId, data)
    this.#listeners.set(topic, listeners.add(entry))
    return () => void listeners.delete(entry)
  }

  /** What came; what has no topic, or one that nobody listens to, is passed over. */
  hear(peerId: string, { topic, data }: SignalData): void {
    if (typeof topic !== 'string' || typeof data !== 'object' || data === null) return
    for (const listener of this.#listeners.get(topic) ?? []) {
      try {
        listener(peerId, data as SignalData)
      } catch (error) {
        this.#log.error('A listener of the party failed', { topic, error: messageOf(error) })
      }
    }
  }
}
