const kebabCase = /^[a-z0-9]+(-[a-z0-9]+)*$/
const sayNothing = new Set(['utils', 'util', 'common', 'helpers', 'helper', 'types', 'misc'])

/** A file past this many lines is asking to be split. */
export const maxLines = 400

/** What is wrong with how a file is named, and with its length, as sentences. */
export function checkNames({ path, source }: { path: string; source: string }): readonly string[] {
  const faults: string[] = []
  const parts = path.split('/')
  const [stem = '', ...endings] = (parts.at(-1) ?? '').split('.')
  const isConfiguration = endings[0] === 'config'
  for (const name of [...parts.slice(0, -1), stem]) {
    if (!kebabCase.test(name)) faults.push(`${path}: "${name}" is not in kebab-case`)
    if (sayNothing.has(name)) faults.push(`${path}: "${name}" does not say what it holds`)
  }
  if (endings.length > 2 || (endings.length === 2 && !isConfiguration && !['test', 'd'].includes(endings[0] ?? ''))) {
    faults.push(`${path}: only .test and .d may stand before the ending`)
  }
  const lines = source.trimEnd().split('\n').length
  if (lines > maxLines) faults.push(`${path} has ${lines} lines; past ${maxLines} it has to be split`)
  return faults
}
