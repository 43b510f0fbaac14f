import { readFile, writeFile } from 'node:fs/promises'

/** How a value is written into a file of some kind so that it means itself. */
export type Escape = (value: string) => string

/** In an XML text or attribute. */
export const inXml: Escape = (value) =>
  value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

/** As one word of a shell's command line, quotes included. */
export const inShell: Escape = (value) => `'${value.replaceAll("'", `'\\''`)}'`

/** As it is; for files whose values end with their line. */
export const plain: Escape = (value) => value

/** Puts values in the place of `{{name}}`. Throws for a name without a value: the template and its caller disagree. */
export function fillTemplate(template: string, values: Readonly<Record<string, string>>, escape: Escape): string {
  return template.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = values[name]
    if (value === undefined) throw new Error(`Cannot fill a template: there is no value for "${name}"`)
    return escape(value)
  })
}

/** Reads a template, fills it and writes it. */
export async function writeTemplate(options: {
  readonly template: string
  readonly to: string
  readonly values: Readonly<Record<string, string>>
  readonly escape: Escape
}): Promise<void> {
  const text = await readFile(options.template, 'utf8')
  await writeFile(options.to, fillTemplate(text, options.values, options.escape))
}
