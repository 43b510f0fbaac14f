import type { ComponentChildren } from 'preact'
import { Logo } from '../ui/logo.tsx'

/** One thing to say, in the light of the lamp. */
export function NoticePage({
  title,
  busy = false,
  children,
}: {
  title: string
  busy?: boolean
  children?: ComponentChildren
}) {
  return (
    <main class="notice" aria-busy={busy}>
      <div class={`notice-lamp ${busy ? 'busy' : ''}`}>
        <Logo />
      </div>
      <h1>{title}</h1>
      {children}
    </main>
  )
}
