import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { parse, TomlError } from 'smol-toml'
import { messageOf } from '../../kernel/coded-error.ts'
import type { AppDefinition } from '../../host/apps/defined-app.ts'
import { readAppTable } from './app-table.ts'
import { lineOf } from './line-of.ts'

/** What an owner has described, and what could not be understood of it. */
export interface DescribedApps {
  readonly definitions: readonly AppDefinition[]
  /** By app, or by the file where that cannot be told; `reason` names file, line, key, what came and what was wanted. */
  readonly faults: readonly { readonly id: string; readonly reason: string }[]
}

/** The file of apps in a data directory. */
export function appsFile(dataDirectory: string): string {
  return join(dataDirectory, 'apps.toml')
}

/** So much is a hundred times what anybody writes by hand. */
const maxBytes = 256 * 1024

/** Reads the file of apps; one that does not exist describes none. Never rejects. */
export async function readAppsFile(path: string): Promise<DescribedApps> {
  const file = basename(path)
  try {
    const bytes = await readFile(path)
    if (bytes.length <= maxBytes) return readApps(file, bytes.toString('utf8'))
    return { definitions: [], faults: [{ id: file, reason: `${file}: it has more than ${maxBytes} bytes` }] }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { definitions: [], faults: [] }
    return { definitions: [], faults: [{ id: file, reason: `${file}: ${messageOf(error)}` }] }
  }
}

/** Reads the text of such a file; `file` is its name in what is said of it. */
export function readApps(file: string, text: string): DescribedApps {
  let root: Record<string, unknown>
  try {
    root = parse(text)
  } catch (error) {
    const where = error instanceof TomlError ? `${file}:${error.line}` : file
    return { definitions: [], faults: [{ id: file, reason: `${where}: ${firstLine(messageOf(error))}` }] }
  }
  const fault = (path: readonly string[], what: string) => {
    return `${file}:${lineOf(text, path)}: ${path.join('.')}: ${what}`
  }
  const definitions: AppDefinition[] = []
  const faults = Object.keys(root)
    .filter((key) => key !== 'apps')
    .map((key) => ({ id: file, reason: fault([key], 'wanted only apps, got another key') }))
  const { apps = {} } = root
  if (typeof apps !== 'object' || apps === null || Array.isArray(apps)) {
    return {
      definitions,
      faults: [...faults, { id: file, reason: fault(['apps'], 'wanted tables such as [apps.mine]') }],
    }
  }
  for (const [id, table] of Object.entries(apps)) {
    const read = readAppTable(id, table)
    if ('source' in read) definitions.push(read)
    else {
      const reasons = read.map(({ path, wanted, got }) => fault(['apps', id, ...path], `wanted ${wanted}, got ${got}`))
      faults.push({ id, reason: reasons.join('; ') })
    }
  }
  return { definitions, faults }
}

/** A message of the parser goes on with a picture of the place. */
function firstLine(message: string): string {
  return message.split('\n', 1)[0]?.replace(/^Invalid TOML document: /, '') ?? message
}
