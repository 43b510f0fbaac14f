import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import type { HostModel } from '../model/host-model.ts'
import type { Route } from '../model/route.ts'
import { AskBanners } from '../ui/ask-banners.tsx'
import { ShellHeader } from './shell-header.tsx'

interface ShellProps {
  readonly host: HostModel
  readonly here: Route['at']
  /** What the browser's tab is called. */
  readonly title: string
  readonly children: ComponentChildren
}

/** What every section stands in: the header with its navigation, and a word when the host is out of reach. */
export function Shell({ host, here, title, children }: ShellProps) {
  const main = useRef<HTMLElement>(null)
  const isFirst = useRef(true)
  useEffect(() => {
    document.title = `${title} · Porchlight`
    // A keyboard and a screen reader go on in the section that was asked for.
    if (!isFirst.current) {
      main.current?.focus({ preventScroll: true })
      window.scrollTo({ top: 0 })
    }
    isFirst.current = false
    return () => {
      document.title = 'Porchlight'
    }
  }, [title])
  const feed = host.feed.value
  const isOutOfReach = host.loaded.value && feed.status !== 'open' && feed.status !== 'connecting'
  return (
    <div class="shell">
      <a
        class="skip-link"
        href="#main"
        onClick={(event) => {
          // The part behind # is an address of the page's own.
          event.preventDefault()
          main.current?.focus()
        }}
      >
        Skip the navigation
      </a>
      <ShellHeader me={host.me} feed={feed} here={here} />
      <main ref={main} tabIndex={-1}>
        {isOutOfReach && (
          <p class="shell-banner" role="status">
            <span class="spinner" aria-hidden="true" />
            The host is out of reach. What you see may have changed; this page catches up by itself.
          </p>
        )}
        {children}
      </main>
      <div class="page-notices">
        <AskBanners host={host} />
      </div>
    </div>
  )
}
