import { routeFragment, type Route } from '../model/route.ts'
import { Icon } from '../ui/icon.tsx'
import type { Section } from './sections.ts'

/** The ways to the sections: in the header, or at the bottom of a phone. */
export function SectionNav({ sections, here }: { sections: readonly Section[]; here: Route['at'] }) {
  return (
    <nav class="shell-nav" aria-label="Sections">
      <ul>
        {sections.map(({ title, icon, route }) => (
          <li key={title}>
            <a href={routeFragment(route) || '#'} aria-current={route.at === here ? 'page' : undefined}>
              <Icon name={icon} />
              {title}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  )
}
