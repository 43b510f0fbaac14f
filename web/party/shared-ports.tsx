import { useSignal } from '@preact/signals'
import type { PartyNetworkView, PartyPeerView } from '../../src/client/party.ts'
import type { PartyModel } from '../model/party-model.ts'
import { nameOf } from './describe-peer.ts'

interface SharedPortsProps {
  readonly party: PartyModel
  readonly network: PartyNetworkView
  readonly peers: readonly PartyPeerView[]
}

/** Single ports of this machine for members, and members' ports on this machine. */
export function SharedPorts({ party, network, peers }: SharedPortsProps) {
  const others = peers.filter(({ isMe }) => !isMe)
  return (
    <section class="settings-card" aria-labelledby="party-ports">
      <h2 id="party-ports">Single ports</h2>
      <p>For one game or service, without a virtual LAN. What is shared stays so, also after a restart.</p>
      {network.shares.length > 0 && (
        <ul class="party-ports">
          {network.shares.map((share) => (
            <li key={`${share.protocol} ${share.port}`}>
              <span>
                <strong>
                  {share.protocol.toUpperCase()} {share.port}
                </strong>{' '}
                {leadsElsewhere(share) && `of ${share.host}:${share.hostPort} `}
                shared with {share.members?.map((id) => nameOf(peers, id)).join(', ') ?? 'all members'}
              </span>
              <button
                type="button"
                class="button small quiet"
                aria-label={`Stop sharing ${share.protocol.toUpperCase()} ${share.port}`}
                onClick={() => void party.unshare(share)}
              >
                Stop
              </button>
            </li>
          ))}
        </ul>
      )}
      {network.ports.length > 0 && (
        <ul class="party-ports">
          {network.ports.map((port) => (
            <li key={`${port.protocol} ${port.localPort}`}>
              <span>
                <strong>127.0.0.1:{port.localPort}</strong> leads to {port.protocol.toUpperCase()} {port.port} of{' '}
                {nameOf(peers, port.peerId)}
                {!port.isOpen && <em class="party-hint">Not open now: {port.why}</em>}
              </span>
              <button
                type="button"
                class="button small quiet"
                aria-label={`Close 127.0.0.1:${port.localPort}`}
                onClick={() => void party.closePort(port)}
              >
                Close
              </button>
            </li>
          ))}
        </ul>
      )}
      <PortForm
        title="Share a port of this machine"
        whoLabel="With"
        who={[{ id: '', name: 'all members' }, ...others]}
        button="Share"
        onPort={(port, id) => party.share({ ...port, ...(id !== '' && { members: [id] }) })}
      />
      {others.length > 0 && (
        <PortForm
          title="Connect to a member’s port"
          whoLabel="Of"
          who={others}
          button="Connect"
          onPort={(port, peerId) => party.openPort({ ...port, peerId })}
        />
      )}
      {party.portRefusal.value !== undefined && (
        <p class="party-refusal" role="alert">
          {party.portRefusal.value}
        </p>
      )}
    </section>
  )
}

function leadsElsewhere({ host, port, hostPort }: PartyNetworkView['shares'][number]): boolean {
  return host !== '127.0.0.1' || port !== hostPort
}

interface PortFormProps {
  readonly title: string
  readonly whoLabel: string
  readonly who: readonly { readonly id: string; readonly name: string }[]
  readonly button: string
  /** True when it was done. */
  readonly onPort: (port: { protocol: 'tcp' | 'udp'; port: number }, peerId: string) => Promise<boolean>
}

function PortForm({ title, whoLabel, who, button, onPort }: PortFormProps) {
  const protocol = useSignal<'tcp' | 'udp'>('tcp')
  const port = useSignal('')
  const chosen = useSignal(who[0]?.id ?? '')
  const id = who.some((each) => each.id === chosen.value) ? chosen.value : (who[0]?.id ?? '')
  const send = async () => {
    if (await onPort({ protocol: protocol.value, port: Number(port.value) }, id)) port.value = ''
  }
  return (
    <form
      class="party-port-form"
      onSubmit={(event) => {
        event.preventDefault()
        void send()
      }}
    >
      <h3>{title}</h3>
      <select
        class="select"
        aria-label={`${title}: protocol`}
        value={protocol.value}
        onChange={(event) => (protocol.value = event.currentTarget.value === 'udp' ? 'udp' : 'tcp')}
      >
        <option value="tcp">TCP</option>
        <option value="udp">UDP</option>
      </select>
      <input
        class="text-input"
        type="number"
        required
        min={1}
        max={65_535}
        placeholder="25565"
        aria-label={`${title}: port`}
        value={port.value}
        onInput={(event) => (port.value = event.currentTarget.value)}
      />
      <label class="party-port-who">
        <span>{whoLabel}</span>
        <select class="select" value={id} onChange={(event) => (chosen.value = event.currentTarget.value)}>
          {who.map((each) => (
            <option key={each.id} value={each.id}>
              {each.name}
            </option>
          ))}
        </select>
      </label>
      <button type="submit" class="button">
        {button}
      </button>
    </form>
  )
}
