import type { FeedState, Me } from '../../src/client/index.ts'
import type { Route } from '../model/route.ts'
import { Icon } from '../ui/icon.tsx'
import { Logo } from '../ui/logo.tsx'
import { SectionNav } from './section-nav.tsx'
import { sectionsFor } from './sections.ts'

const feedText: Readonly<Record<FeedState['status'], readonly [dot: string, text: string]>> = {
  connecting: ['yellow busy', 'connecting'],
  open: ['green', 'live'],
  waiting: ['orange busy', 'out of reach'],
  refused: ['red', 'refused'],
}

/** Whose host this is, where one can go in it, whether it answers, and who one is. */
export function ShellHeader({ me, feed, here }: { me: Me; feed: FeedState; here: Route['at'] }) {
  const [dot, text] = feedText[feed.status]
  return (
    <header class="shell-header">
      <div class="wordmark">
        <Logo />
        Porchlight
      </div>
      <SectionNav sections={sectionsFor(me)} here={here} />
      <div class="shell-header-side">
        <span class="badge">
          <span class={`dot ${dot}`} />
          {text}
        </span>
        <span
          class="chip"
          title={me.expiresAt === null ? undefined : `Until ${new Date(me.expiresAt).toLocaleString()}`}
        >
          <Icon name={me.role === 'viewer' ? 'eye' : 'person'} />
          <span class="chip-text">{me.name.toLowerCase() === me.role ? me.name : `${me.name} · ${me.role}`}</span>
        </span>
      </div>
    </header>
  )
}
