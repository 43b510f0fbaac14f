import type { PathStanding } from '../../src/client/index.ts'
import { describeStanding } from '../model/describe-path.ts'

/** How the paths stand that are not taken, those without an answer too: for who wants to know, and so folded in. */
export function OtherPaths({ paths = [] }: { readonly paths: readonly PathStanding[] | undefined }) {
  const others = paths.filter(({ state }) => state !== 'taken')
  if (others.length === 0) return null
  const answering = others.filter(({ state }) => state === 'warm').length
  return (
    <details class="other-paths">
      <summary>
        {others.length === 1 ? 'One other path' : `${others.length} other paths`}, {countOf(answering)}
      </summary>
      <ul>
        {others.map((path) => (
          <li key={path.name}>
            <span>{path.name}</span>
            <span class={`path-standing ${path.state}`}>{describeStanding(path)}</span>
          </li>
        ))}
      </ul>
    </details>
  )
}

function countOf(answering: number): string {
  return answering === 0 ? 'no answer' : answering === 1 ? 'one answers' : `${answering} answer`
}
