import { useEffect } from 'preact/hooks'
import type { HostInfo } from '../../src/client/index.ts'
import type { HostModel } from '../model/host-model.ts'
import { NetworkChoice } from '../share/network-choice.tsx'
import { CopyField } from '../ui/copy-field.tsx'
import { describeDuration } from '../ui/describe-duration.ts'
import { Fingerprint } from '../ui/fingerprint.tsx'
import { describeGateway } from './describe-gateway.ts'

/** What the host is, where it is found, and how its owner gets a new link. */
export function HostFacts({ host, info }: { host: HostModel; info: HostInfo }) {
  useEffect(() => void host.network.load(), [])
  const { version, links, gateway, certificate, dataDirectory, limits, encoders } = info
  return (
    <>
      <section class="settings-card" aria-labelledby="host-title">
        <h2 id="host-title">This host</h2>
        <dl class="settings-facts">
          <dt>Version</dt>
          <dd>Porchlight {version}</dd>
          <dt>Data</dt>
          <dd>
            <code>{dataDirectory}</code>
          </dd>
          <dt>Limits</dt>
          <dd>
            {limits.lobbies} lobbies, {limits.sessions} sessions; silence ends one after{' '}
            {describeDuration(limits.idleMs)}; {limits.encoderBudget} × 1280x720 at 60 for those who choose a size
          </dd>
        </dl>
        <h3>Encoders</h3>
        <ul class="settings-encoders">
          {encoders.map(({ name, codec, available, reason }) => (
            <li key={`${name} ${codec}`}>
              <span class={`dot ${available ? 'green' : 'gray'}`} />
              <strong>{name}</strong>
              <span>{codec.toUpperCase().replace('H264', 'H.264')}</span>
              <span class="report-reason">{available ? 'works' : reason}</span>
            </li>
          ))}
        </ul>
      </section>
      <section class="settings-card" aria-labelledby="ways-title">
        <h2 id="ways-title">Ways in</h2>
        <p>Addresses of this page. To let somebody in, make a link in a lobby: an address alone opens nothing.</p>
        {links.map((link) => (
          <CopyField key={link} text={link} label={`Copy the address ${link}`} />
        ))}
        <NetworkChoice network={host.network} />
        {gateway && <Gateway gateway={gateway} />}
        {certificate && <Certificate certificate={certificate} />}
        <h3>A new owner link</h3>
        <p>On the machine itself. The old link stops working, and whoever came in with it is out.</p>
        <CopyField text="npm start -- owner-link" label="Copy the command" />
      </section>
    </>
  )
}

/** Through which the host is found where its own addresses lead nowhere. */
function Gateway({ gateway }: { gateway: NonNullable<HostInfo['gateway']> }) {
  const dots = { registered: 'green', connecting: 'yellow', failed: 'red' } as const
  return (
    <>
      <h3>Gateway</h3>
      <ul class="settings-encoders">
        <li>
          <span class={`dot ${dots[gateway.state]}`} />
          <strong>{gateway.url}</strong>
          <span class="report-reason">{describeGateway(gateway, Date.now())}</span>
        </li>
      </ul>
    </>
  )
}

/** What a browser that warns of the certificate has to show as well. */
function Certificate({ certificate }: { certificate: NonNullable<HostInfo['certificate']> }) {
  const { fingerprint, expiresAt, madeHere } = certificate
  const until = new Date(expiresAt).toLocaleDateString(undefined, { dateStyle: 'medium' })
  return (
    <>
      <h3>Certificate</h3>
      <p>
        {madeHere
          ? `This host made it for itself, until ${until}, and renews it. Browsers warn of it once: compare its SHA-256 fingerprint.`
          : `It is the one that this host was given, until ${until}. Its SHA-256 fingerprint:`}
      </p>
      <Fingerprint text={fingerprint} />
    </>
  )
}
