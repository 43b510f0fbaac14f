import { layoutTable, tableCodes } from './layout-table.ts'

/** Fewer keys than this say too little. */
const fewestKeys = 8
/** A key that writes something else weighs as much as this many that agree: systems differ in a few keys of a layout. */
const mismatchWeight = 3
/** The one to take of several that agree. */
const usualLayouts: readonly string[] = ['us', 'de', 'fr', 'ru', 'ara']

/**
 * The XKB name of the layout that a keyboard seems to have, by what its keys write without modifiers (by UI Events code);
 * undefined when that says too little. `languages` decide among layouts that agree, `navigator.languages` for instance.
 */
export function guessLayout(keys: ReadonlyMap<string, string>, languages: readonly string[]): string | undefined {
  const known = tableCodes.flatMap((code, column) => {
    const character = keys.get(code)
    return character === undefined ? [] : [{ column, character: character.toLowerCase() }]
  })
  if (known.length < fewestKeys) return undefined
  const rows = layoutTable.map(([names, characters]) => {
    const row = Array.from(characters)
    const compared = known.filter(({ column }) => row[column] !== ' ')
    const same = compared.filter(({ column, character }) => row[column] === character).length
    return { names, score: same - mismatchWeight * (compared.length - same) }
  })
  const best = Math.max(...rows.map(({ score }) => score))
  if (best < known.length / 2) return undefined
  const tied = rows.filter(({ score }) => score === best)
  return chooseByLanguage(
    tied.flatMap(({ names }) => names.split(' ')),
    languages,
    tied.length === 1,
  )
}

/** Most layouts are named after a country, some after a language. */
function chooseByLanguage(
  names: readonly string[],
  languages: readonly string[],
  isCertain: boolean,
): string | undefined {
  for (const tag of languages) {
    const [language = '', region = ''] = tag.toLowerCase().split('-')
    const named =
      names.find((name) => name === region) ?? (language !== 'en' && names.find((name) => name === language))
    if (named) return named
  }
  return usualLayouts.find((name) => names.includes(name)) ?? (isCertain ? names[0] : undefined)
}

interface MappedKeyboard {
  readonly keyboard?: { getLayoutMap?(): Promise<ReadonlyMap<string, string>> }
}

/** The layout of this device's keyboard, where the browser tells what its keys write. */
export async function guessOwnLayout(): Promise<string | undefined> {
  try {
    const map = await (navigator as MappedKeyboard).keyboard?.getLayoutMap?.()
    return map && guessLayout(map, navigator.languages)
  } catch {
    // Not in this frame, or not to this page.
    return undefined
  }
}
