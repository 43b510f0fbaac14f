interface Person {
  readonly sessionId: string
  readonly name: string
  readonly role: string
}

const shown = 5

/** Who is here, as overlapping initials, and who of them speaks; their names are in the label. */
export function Avatars({ people, speaking }: { people: readonly Person[]; speaking?: ReadonlySet<string> }) {
  if (people.length === 0) return null
  const speaks = ({ sessionId }: Person) => speaking?.has(sessionId) === true
  const extra = people.length > shown ? people.length - shown + 1 : 0
  // Where there is no room for all, there is for those who speak.
  const visible =
    extra > 0 ? people.toSorted((a, b) => Number(speaks(b)) - Number(speaks(a))).slice(0, shown - 1) : people
  const label = people.map((person) => `${describePerson(person)}${speaks(person) ? ', who speaks' : ''}`).join(', ')
  return (
    <div class="avatars" role="img" aria-label={`Here: ${label}`}>
      {visible.map((person) => (
        <span
          key={person.sessionId}
          class="avatar"
          data-speaks={speaks(person)}
          title={describePerson(person)}
          style={{ '--hue': hueOf(person.sessionId) }}
        >
          {initials(person.name)}
        </span>
      ))}
      {extra > 0 && <span class="avatar more">+{extra}</span>}
    </div>
  )
}

export function describePerson({ name, role }: Pick<Person, 'name' | 'role'>): string {
  return name.toLowerCase() === role ? name : `${name} (${role})`
}

function initials(name: string): string {
  const words = name.trim().split(/\s+/)
  const letters = words.length > 1 ? words.slice(0, 2).map((word) => word[0]) : [words[0]?.slice(0, 2)]
  return letters.join('').toUpperCase() || '?'
}

/** The same colour for the same session, wherever it is shown; the golden angle keeps neighbours apart. */
export function hueOf(text: string): number {
  let sum = 0
  for (const character of text) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 100_003
  return Math.round((sum * 137.508) % 360)
}
