import type { Closed } from '../model/entry-model.ts'
import { PlainPage } from './plain-page.tsx'

const texts: Readonly<Record<Closed, readonly [title: string, what: string, next: string]>> = {
  'used-up': [
    'This link has been used',
    'It was good for a certain number of people, and they have all come.',
    'If you were one of them, open it in the browser you used then. Otherwise ask whoever sent it for a new one.',
  ],
  destroyed: [
    'This link is gone',
    'Too many wrong PINs were tried, so it lets nobody in any more.',
    'Ask whoever sent it for a new link, with a new PIN.',
  ],
  expired: [
    'This link has expired',
    'It was good for a certain time, which is over.',
    'Ask whoever sent it for a new one.',
  ],
  revoked: [
    'This link was taken back',
    'Whoever sent it has ended it.',
    'Ask them for a new one if you should be there.',
  ],
  removed: ['You were shown out', 'The owner has ended your stay.', 'Ask them for a new link if that was a mistake.'],
}

interface ClosedLinkProps {
  readonly closed: Closed
  /** Where one was, if that is known. */
  readonly lobbyTitle?: string | undefined
  /** Goes on without the link; undefined for who is nobody then. */
  readonly onAway: (() => void) | undefined
}

/** A link lets somebody in no more, or has let them in and does so no longer. */
export function ClosedLink({ closed, lobbyTitle, onAway }: ClosedLinkProps) {
  const [title, what, next] = texts[closed]
  return (
    <PlainPage title={title} eyebrow={lobbyTitle}>
      <p>{what}</p>
      <p>{next}</p>
      <AwayButton onAway={onAway} />
    </PlainPage>
  )
}

/** For who is somebody here without the link as well. */
export function AwayButton({ onAway }: { onAway: (() => void) | undefined }) {
  if (!onAway) return null
  return (
    <button type="button" class="button quiet" onClick={onAway}>
      Go on without this link
    </button>
  )
}
