import type { ConnectionStatus } from '../../src/client/index.ts'

/** The colours of seed 003. */
const colours: Readonly<Record<ConnectionStatus, string>> = {
  disconnected: 'gray',
  connecting: 'yellow',
  connected: 'green',
  reconnecting: 'orange',
  failed: 'red',
  closed: 'gray',
}

export function StateBadge({ status }: { status: ConnectionStatus }) {
  const isBusy = status === 'connecting' || status === 'reconnecting'
  return (
    <span class="badge" data-state={status}>
      <span class={`dot ${colours[status]} ${isBusy ? 'busy' : ''}`} />
      {status}
    </span>
  )
}
