import type { ComponentChildren } from 'preact'
import { Logo } from '../ui/logo.tsx'

/** One thing to say, in the light of the lamp. */
export function PlainPage({
  title,
  eyebrow,
  busy = false,
  children,
}: {
  title: string
  /** A few words that the title goes on from. */
  eyebrow?: string | undefined
  busy?: boolean
  children?: ComponentChildren
}) {
  return (
    <main class="notice" aria-busy={busy}>
      <div class={`notice-lamp ${busy ? 'busy' : ''}`}>
        <Logo />
      </div>
      <h1>
        {eyebrow !== undefined && <small>{eyebrow}</small>} {title}
      </h1>
      {children}
    </main>
  )
}
