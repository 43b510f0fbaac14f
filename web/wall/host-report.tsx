import type { HostInfo } from '../../src/client/index.ts'
import { CopyField } from '../ui/copy-field.tsx'
import { Icon } from '../ui/icon.tsx'

/** What this machine lacks and how to get it, and which encoders it has. */
export function HostReport({ host }: { host: HostInfo }) {
  const { missing, encoders, version } = host
  return (
    <section class="report" aria-labelledby="report-title">
      <h2 id="report-title">About this host</h2>
      {missing.map(({ what, consequence, remedy }) => (
        <article key={what} class="report-missing">
          <Icon name="warning" />
          <div>
            <h3>{what} is missing</h3>
            <p>{consequence}</p>
            {looksLikeCommand(remedy) ? <CopyField text={remedy} label="Copy the command" /> : <p>{remedy}</p>}
          </div>
        </article>
      ))}
      <details class="report-encoders">
        <summary>
          Porchlight {version}
          {missing.length === 0 ? ', nothing is missing' : ''} · encoders
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

/** One line that begins like a program and does not end like a sentence. */
function looksLikeCommand(text: string): boolean {
  return /^(sudo |apt|npm |npx |docker |usermod |modprobe |\.\/|[a-z-]+ --?)/.test(text) && !/[.!]$/.test(text.trim())
}
