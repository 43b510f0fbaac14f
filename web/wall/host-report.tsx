import type { AppView, HostInfo } from '../../src/client/index.ts'
import { Icon } from '../ui/icon.tsx'
import { Remedy } from './remedy.tsx'

/** What this machine lacks and how to get it, and which encoders it has. */
export function HostReport({ host, apps }: { host: HostInfo; apps: readonly AppView[] }) {
  const { encoders, version } = host
  // An app that cannot run says so on its shelf.
  const missing = host.missing.filter(({ what }) => !apps.some(({ title, available }) => !available && title === what))
  return (
    <section class="report" aria-labelledby="report-title">
      <h2 id="report-title">About this host</h2>
      {missing.map(({ what, consequence, remedy }) => (
        <article key={what} class="report-missing">
          <Icon name="warning" />
          <div>
            <h3>{what} is missing</h3>
            <p>{sentenceCase(consequence)}</p>
            <Remedy text={remedy} />
          </div>
        </article>
      ))}
      <details class="report-encoders">
        <summary>
          Porchlight {version}
          {host.missing.length === 0 ? ', nothing is missing' : ''} · encoders
        </summary>
        <ul>
          {encoders.map(({ name, codec, available, reason }) => (
            <li key={`${name} ${codec}`}>
              <span class={`dot ${available ? 'green' : 'gray'}`} />
              <strong>{name}</strong>
              <span>{codec.toUpperCase().replace('H264', 'H.264')}</span>
              <span class="report-reason">{available ? 'works' : reason}</span>
            </li>
          ))}
        </ul>
      </details>
    </section>
  )
}

/** `apps are silent` becomes `Apps are silent.` */
function sentenceCase(text: string): string {
  const sentence = text.charAt(0).toUpperCase() + text.slice(1)
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`
}
