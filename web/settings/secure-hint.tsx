import type { SecurePage } from '../model/secure-page.ts'
import { SecureLink } from '../ui/secure-link.tsx'

/** What plain HTTP lacks; nothing on a page that is secure, or that cannot become so. */
export function SecureHint({ secure }: { secure: SecurePage }) {
  if (!secure.isNeeded || secure.origin.value === undefined) return null
  return (
    <section class="settings-card" aria-labelledby="secure-title">
      <h2 id="secure-title">More by HTTPS</h2>
      <p>
        This page came by plain HTTP. By HTTPS, browsers give it the microphone, the clipboard, and picture and sound
        through the web port where UDP is blocked; and nobody on the network can read along.
      </p>
      <p>
        The first time, a browser may warn of the host’s certificate: compare it with the one that was printed there.
      </p>
      <div>
        <SecureLink secure={secure} />
      </div>
    </section>
  )
}
