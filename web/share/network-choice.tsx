import { useSignal } from '@preact/signals'
import type { NetworkView } from '../../src/client/index.ts'
import { isOnlyHere, type NetworkModel } from '../model/network-model.ts'
import { Fingerprint } from '../ui/fingerprint.tsx'
import { Icon } from '../ui/icon.tsx'
import { Switch } from '../ui/switch.tsx'

/** Lets the network in, or shuts it out, with what that means; for the host's owner. */
export function NetworkChoice({ network }: { network: NetworkModel }) {
  const asking = useSignal(false)
  const view = network.view.value
  if (!view) return null
  if (view.fixed === 'host-given' && view.open) return null
  if (view.open) return <LetIn network={network} view={view} />
  if (view.fixed !== null) return <p class="network-note">{fixedBecause[view.fixed]}</p>
  if (view.addresses.length === 0) return <p class="network-note">This computer is on no private network.</p>
  if (!asking.value) {
    return (
      <div>
        <button type="button" class="button" onClick={() => (asking.value = true)}>
          <Icon name="globe" />
          Let my network in …
        </button>
      </div>
    )
  }
  return <Question network={network} view={view} onCancel={() => (asking.value = false)} />
}

const fixedBecause: Readonly<Record<NonNullable<NetworkView['fixed']>, string>> = {
  'host-given':
    'Porchlight was started with --host, which says where it listens. To let your network in, start it without.',
  'no-https': 'Porchlight was started without HTTPS. To let your network in, start it without --no-tls.',
}

interface ChoiceProps {
  readonly network: NetworkModel
  readonly view: NetworkView
}

/** What it means, before it is done. */
function Question({ network, view, onCancel }: ChoiceProps & { onCancel: () => void }) {
  const remember = useSignal(false)
  const { addresses, certificate, port, udpPort } = view
  const interfaces = [...new Set(addresses.map((each) => each.interface))].join(', ')
  return (
    <section class="network-choice" aria-label="Let my network in">
      <dl>
        <dt>Who</dt>
        <dd>
          Every device on your network ({interfaces}), and containers and virtual machines on this computer, can open
          the page. Nobody gets further without a link.
        </dd>
        <dt>Where</dt>
        <dd>
          {addresses.map(({ link }) => (
            <code key={link}>{link}</code>
          ))}
        </dd>
        <dt>Ports</dt>
        <dd>
          TCP {port} and UDP {udpPort}. A firewall on this computer has to let them through.
        </dd>
        <dt>HTTPS</dt>
        <dd>
          All of it is encrypted.{' '}
          {certificate?.madeHere === true &&
            'Browsers warn once of this host’s own certificate. Compare the fingerprint:'}
          {certificate?.madeHere === true && <Fingerprint text={certificate.fingerprint} />}
        </dd>
      </dl>
      <Switch
        label="Also after a restart"
        note="Otherwise it is shut again when Porchlight ends"
        on={remember.value}
        onChange={(on) => (remember.value = on)}
      />
      <Refusal network={network} />
      <div class="network-buttons">
        <button
          type="button"
          class="button primary"
          disabled={network.busy.value}
          onClick={() => void network.change({ open: true, remember: remember.value })}
        >
          {network.busy.value && <span class="spinner" aria-hidden="true" />}
          Let my network in
        </button>
        <button type="button" class="button quiet" onClick={onCancel}>
          Not now
        </button>
      </div>
    </section>
  )
}

/** That it is so, and the way back. */
function LetIn({ network, view }: ChoiceProps) {
  const { addresses, certificate, remembered } = view
  const own = !isOnlyHere(location.hostname)
  return (
    <section class="network-choice" aria-label="Your network">
      <p class="network-state">
        <span class="dot green" />
        <span>
          Your network is let in
          {remembered ? ', also after a restart.' : ' until Porchlight ends.'}
        </span>
      </p>
      <dl>
        <dt>Where</dt>
        <dd>
          {addresses.map(({ link, interface: name }) => (
            <code key={link}>
              {link} ({name})
            </code>
          ))}
        </dd>
        {certificate?.madeHere === true && (
          <>
            <dt>HTTPS</dt>
            <dd>
              Browsers warn once. The right fingerprint:
              <Fingerprint text={certificate.fingerprint} />
            </dd>
          </>
        )}
      </dl>
      <Refusal network={network} />
      <div class="network-buttons">
        <button
          type="button"
          class="button danger small"
          disabled={network.busy.value}
          onClick={() => void network.change({ open: false })}
        >
          Shut the network out
        </button>
        <small>{own ? 'This page came by it and loses its host.' : 'Whoever came by it loses the connection.'}</small>
      </div>
    </section>
  )
}

function Refusal({ network }: { network: NetworkModel }) {
  const why = network.refusal.value
  if (why === undefined) return null
  return (
    <p class="network-refusal" role="alert">
      <Icon name="warning" />
      <span>{why}</span>
    </p>
  )
}
