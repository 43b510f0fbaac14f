import { readFile } from 'node:fs/promises'
import type { KeyboardLayout } from '../../domain/keyboard-layout.ts'

/** A layout that displays can be given. */
export interface LayoutOffer {
  readonly name: KeyboardLayout
  /** For people, in English: `German (no dead keys)`. */
  readonly title: string
}

/** The list that comes with the layouts, in Debian's xkb-data. */
const rulesFile = '/usr/share/X11/xkb/rules/evdev.lst'

/** All layouts of this machine, as xkb lists them; none where it has no list. */
export async function readKnownLayouts(file: string = rulesFile): Promise<readonly LayoutOffer[]> {
  const text = await readFile(file, 'utf8').catch(() => '')
  return parseLayouts(text)
}

/**
 * The layouts and variants of an XKB rules list (`evdev.lst`):
 *
 *     ! layout
 *       de              German
 *     ! variant
 *       nodeadkeys      de: German (no dead keys)
 */
export function parseLayouts(text: string): readonly LayoutOffer[] {
  const layouts: LayoutOffer[] = []
  const variants: LayoutOffer[] = []
  let section = ''
  for (const line of text.split('\n')) {
    const [, heading] = /^! (\w+)/.exec(line) ?? []
    section = heading ?? section
    if (section === 'layout') {
      const [, name, title] = /^\s+(\w+)\s+(\S.*)$/.exec(line) ?? []
      // Whoever runs the machine may fill in that one; until then it has no keys.
      if (name && title && name !== 'custom') layouts.push({ name, title })
    } else if (section === 'variant') {
      const [, variant, layout, title] = /^\s+([\w-]+)\s+(\w+): (\S.*)$/.exec(line) ?? []
      if (variant && layout && title) variants.push({ name: `${layout}(${variant})`, title })
    }
  }
  return layouts.flatMap((layout) => [layout, ...variants.filter(({ name }) => name.startsWith(`${layout.name}(`))])
}

/** What setxkbmap calls the two parts of a name; no variant is the empty one. */
export function partsOfLayout(name: KeyboardLayout): { readonly layout: string; readonly variant: string } {
  const [, layout = name, variant = ''] = /^(\w+)(?:\(([\w-]+)\))?$/.exec(name) ?? []
  return { layout, variant }
}
