import type { AppView, HostInfo } from '../../src/client/index.ts'
import { Icon } from '../ui/icon.tsx'
import { Remedy } from '../ui/remedy.tsx'

/** What this machine lacks and how to get it; nothing when nothing is missing. */
export function MissingParts({ host, apps }: { host: HostInfo; apps: readonly AppView[] }) {
  // An app that cannot run says so on its shelf.
  const missing = host.missing.filter(({ what }) => !apps.some(({ title, available }) => !available && title === what))
  if (missing.length === 0) return null
  return (
    <section class="report" aria-labelledby="missing-title">
      <h2 id="missing-title">What is missing here</h2>
      {missing.map(({ what, consequence, remedy }) => (
        <article key={what} class="report-missing">
          <Icon name="warning" />
          <div>
            <h3>{what}</h3>
            <p>{sentenceCase(consequence)}</p>
            <Remedy text={remedy} />
          </div>
        </article>
      ))}
    </section>
  )
}

/** `apps are silent` becomes `Apps are silent.` */
function sentenceCase(text: string): string {
  const sentence = text.charAt(0).toUpperCase() + text.slice(1)
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`
}
