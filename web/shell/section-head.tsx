import type { ComponentChildren } from 'preact'

/** The top of a section: what it is called, one sentence, and what can be done with all of it. */
export function SectionHead({
  title,
  summary,
  children,
}: {
  title: string
  summary?: string
  children?: ComponentChildren
}) {
  return (
    <header class="section-head">
      <div>
        <h1>{title}</h1>
        {summary !== undefined && <p>{summary}</p>}
      </div>
      {children}
    </header>
  )
}
