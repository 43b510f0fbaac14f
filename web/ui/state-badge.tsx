import type { ClientPath, ConnectionStatus } from '../../src/client/index.ts'
import { describePath } from '../model/describe-path.ts'

/** The colours of seed 003. */
const colours: Readonly<Record<ConnectionStatus, string>> = {
  disconnected: 'gray',
  connecting: 'yellow',
  connected: 'green',
  reconnecting: 'orange',
  failed: 'red',
  closed: 'gray',
}

/** The state; beside it how media comes, where that is not the way it comes best, or that it comes by none for the moment. */
export function StateBadge({ status, path }: { status: ConnectionStatus; path: ClientPath | undefined }) {
  const isInterrupted = status === 'connected' && !path
  const isBusy = status === 'connecting' || status === 'reconnecting' || isInterrupted
  return (
    <span class="badge" data-state={status}>
      <StateDot status={isInterrupted ? 'reconnecting' : status} busy={isBusy} />
      <span class="word">{status}</span>
      {status === 'connected' && path?.kind !== 'direct' && (
        <span class="by">{path ? describePath(path.kind) : 'interrupted'}</span>
      )}
    </span>
  )
}

/** The state as a light. */
export function StateDot({ status, busy = false }: { status: ConnectionStatus; busy?: boolean }) {
  return <span class={`dot ${colours[status]} ${busy ? 'busy' : ''}`} />
}
