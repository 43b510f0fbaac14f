import type { Clock } from '../../kernel/clock.ts'
import { Ending, type Closable } from '../../kernel/ending.ts'
import { ClientError } from '../../client/contract/client-error.ts'
import type { ConnectionStatus } from '../../client/connection/connection-state.ts'
import { PorchlightClient } from '../../client/porchlight-client.ts'
import { nativeClientOptions } from '../client-environment.ts'
import type { NativeHost } from '../host/native-host.ts'

export interface HeadlessOptions {
  readonly host: NativeHost
  readonly clock: Clock
  /** The lobby to be in; that of the invitation, or one that the host chooses, unless given. */
  readonly lobbyId?: string
  readonly onState: (state: ConnectionStatus) => void
}

/** Watches without showing anything, and comes back by itself as a page does. It ends with an error when there is no way back. */
export function openHeadlessViewer({ host, clock, lobbyId, onState }: HeadlessOptions): Closable {
  const options = nativeClientOptions(host)
  const client = new PorchlightClient({
    ...options,
    environment: { ...options.environment, clock },
    reconnection: { maxRetries: Infinity, baseDelayMs: 500, maxDelayMs: 4000 },
  })
  const ending = new Ending(() => client.close())
  client.on('stateChange', (state) => {
    onState(state)
    if (state === 'failed') void ending.fail(client.cause ?? new ClientError('signalling-lost', 'It was given up'))
  })
  const wanted = lobbyId ?? host.welcome.lobbyId
  // What becomes of it is told as a state.
  void client.start(wanted === null ? {} : { lobbyId: wanted })
  return {
    closed: ending.closed,
    close: (reason) => ending.close(reason),
    [Symbol.asyncDispose]: () => ending.close(),
  }
}
