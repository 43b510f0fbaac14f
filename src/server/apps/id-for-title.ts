import type { AppDefinition } from '../../wire/api/app-definition.ts'

const longest = 48

/** An id that says what the app is: made of its title, with a number behind it where that is taken. */
export function idForTitle(definition: AppDefinition, isTaken: (id: string) => boolean): string {
  const plain = wordsOf(definition)
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z\d]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, longest)
  const id = plain === '' ? 'app' : plain
  if (!isTaken(id)) return id
  let number = 2
  while (isTaken(`${id}-${number}`)) number++
  return `${id}-${number}`
}

function wordsOf(definition: AppDefinition): string {
  if (definition.title !== undefined) return definition.title
  if (definition.kind === 'test-pattern') return definition.kind
  return definition.command?.[0] ?? definition.container?.image ?? ''
}
