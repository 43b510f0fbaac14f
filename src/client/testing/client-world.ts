import type { Clock } from '../../kernel/clock.ts'
import type { ReconnectionOptions, StartOptions } from '../environment/client-options.ts'
import { PorchlightClient } from '../porchlight-client.ts'

/** What a client lives in, and somebody who answers it. */
interface WorldHost {
  readonly environment: object
  readonly clock: Clock
  /** Answers a first connection, up to its first picture. */
  welcome(): Promise<unknown>
}

/** A client and the host that it speaks to; `seen` are its states and tries, in order. */
export function clientWorld<Host extends WorldHost>(host: Host, reconnection: ReconnectionOptions = {}) {
  const seen: string[] = []
  const client = new PorchlightClient({
    signallingUrl: 'ws://host/api/v1/signal',
    token: 'secret',
    reconnection,
    environment: host.environment,
  })
  client.on('stateChange', (state) => seen.push(state))
  client.on('reconnecting', (attempt, max) => seen.push(`${attempt}/${max}`))
  const connect = async (options?: StartOptions) => {
    const started = client.start(options)
    await host.welcome()
    await started
  }
  return { host, client, clock: host.clock as Host['clock'], seen, connect }
}
