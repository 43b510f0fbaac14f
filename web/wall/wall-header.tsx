import type { FeedState, Me } from '../../src/client/index.ts'
import { Icon } from '../ui/icon.tsx'
import { Logo } from '../ui/logo.tsx'

const feedText: Readonly<Record<FeedState['status'], readonly [dot: string, text: string]>> = {
  connecting: ['yellow busy', 'connecting'],
  open: ['green', 'live'],
  waiting: ['orange busy', 'out of reach'],
  refused: ['red', 'refused'],
}

/** Whose house this is, whether it answers, and who one is in it. */
export function WallHeader({ me, feed }: { me: Me; feed: FeedState }) {
  const [dot, text] = feedText[feed.status]
  return (
    <header class="wall-header">
      <div class="wordmark">
        <Logo />
        Porchlight
      </div>
      <div class="wall-header-side">
        <span class="badge">
          <span class={`dot ${dot}`} />
          {text}
        </span>
        <span
          class="chip"
          title={me.expiresAt === null ? undefined : `Until ${new Date(me.expiresAt).toLocaleString()}`}
        >
          <Icon name={me.role === 'viewer' ? 'eye' : 'person'} />
          {me.name.toLowerCase() === me.role ? me.name : `${me.name} · ${me.role}`}
        </span>
      </div>
    </header>
  )
}
