import { CopyField } from '../ui/copy-field.tsx'
import { PlainPage } from './plain-page.tsx'

/** Nobody gets in without a link: where to find it, and how to get a new one. */
export function SignIn({ refused, reason }: { refused: boolean; reason?: string | undefined }) {
  return (
    <PlainPage title={refused ? 'This link no longer works' : 'You need a link to come in'}>
      <p>
        {refused
          ? (reason ??
            'It has expired, was revoked, or was replaced by a newer one. Whoever sent it to you can make another.')
          : 'Porchlight has no passwords. Whoever runs it can send you a link, or opens the one it printed.'}
      </p>
      <section class="notice-card" aria-labelledby="yours">
        <h2 id="yours">Is this your own machine?</h2>
        <p>
          The link was printed in the terminal where Porchlight was started for the first time, in the line that begins
          with <strong>Open</strong>.
        </p>
        <p>If it is gone, make a new one. The old one stops working.</p>
        <CopyField text="npm start -- --new-owner-link" label="Copy the command" />
      </section>
    </PlainPage>
  )
}
