import { basename, join } from 'node:path'
import { parse, TomlError } from 'smol-toml'
import * as v from 'valibot'
import { messageOf } from '../../kernel/coded-error.ts'
import { pointerOf } from '../../wire/api/json-pointer.ts'
import { loadPlainFile } from '../files/read-plain-file.ts'
import { OutlineError, outlineOf, type TomlOutline } from './toml-outline.ts'
import { appId, readDefinition, type AppDefinition, type DefinitionFault } from '../../wire/api/app-definition.ts'

/** What a file of apps describes, and what could not be understood of it. */
export interface DescribedApps {
  readonly apps: readonly DescribedApp[]
  readonly faults: readonly AppsFault[]
}

export interface DescribedApp {
  readonly id: string
  readonly definition: AppDefinition
  /** Where its table begins, counted from 1. */
  readonly line: number
}

export interface AppsFault {
  /** The app, or the file where that cannot be told. */
  readonly id: string
  /** A JSON pointer (RFC 6901) into the text as JSON. */
  readonly pointer: string
  /** Names file, line, key, what came and what was wanted. */
  readonly reason: string
}

/** The file of apps in a data directory. */
export function appsFile(dataDirectory: string): string {
  return join(dataDirectory, 'apps.toml')
}

/** What all apps together may take as TOML: a hundred times what anybody writes by hand, so that icons fit in. */
export const maxAppsBytes = 1024 * 1024

/** So many as can be kept in the settings: each of them is looked for on the machine again and again. */
export const maxApps = 256

/** More is not told at once: whoever reads it corrects the first ones first. */
const maxFaults = 20

/** Reads the file of apps; one that does not exist describes none, and what is no plain file is a fault. Never rejects. */
export async function readAppsFile(path: string): Promise<DescribedApps> {
  const file = basename(path)
  try {
    return readApps(file, (await loadPlainFile(path, maxAppsBytes)).toString('utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { apps: [], faults: [] }
    return unreadable(file, `${file}: ${messageOf(error)}`)
  }
}

/** Reads the text of such a file; `file` is its name in what is said of it. */
export function readApps(file: string, text: string): DescribedApps {
  let outline: TomlOutline
  let root: Record<string, unknown>
  try {
    outline = outlineOf(text)
    root = parse(text)
  } catch (error) {
    const where = error instanceof TomlError || error instanceof OutlineError ? `${file}:${error.line}` : file
    return unreadable(file, `${where}: ${firstLine(messageOf(error))}`)
  }
  const fault = (id: string, path: readonly string[], what: string): AppsFault => {
    const reason = `${file}:${outline.lineOf(path)}: ${path.join('.')}: ${what}`
    return { id, pointer: pointerOf(path), reason }
  }
  const faults = Object.keys(root)
    .filter((key) => key !== 'apps')
    .slice(0, maxFaults)
    .map((key) => fault(file, [key], 'wanted only apps, got another key'))
  const { apps: tables = {} } = root
  if (!isTable(tables))
    return { apps: [], faults: [...faults, fault(file, ['apps'], 'wanted tables such as [apps.mine]')] }

  const apps: DescribedApp[] = []
  for (const [id, value] of Object.entries(tables)) {
    if (apps.length === maxApps) {
      faults.push(fault(id, ['apps', id], `wanted at most ${maxApps} apps, got more`))
      break
    }
    const read = readTable(id, value)
    if ('definition' in read) apps.push({ id, ...read, line: outline.lineOf(['apps', id]) })
    else {
      const own = read.faults.map((each) => fault(id, ['apps', id, ...each.path], `${each.wanted}, got ${each.got}`))
      faults.push(...own.slice(0, maxFaults))
    }
    if (faults.length >= maxFaults) break
  }
  return { apps, faults }
}

function readTable(id: string, value: unknown): ReturnType<typeof readDefinition> {
  const named = v.safeParse(appId, id)
  if (named.success) return readDefinition(value)
  const fault: DefinitionFault = { path: [], wanted: named.issues[0].message, got: JSON.stringify(id.slice(0, 80)) }
  return { faults: [fault] }
}

function unreadable(file: string, reason: string): DescribedApps {
  return { apps: [], faults: [{ id: file, pointer: '', reason }] }
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A message of the parser goes on with a picture of the place. */
function firstLine(message: string): string {
  return message.split('\n', 1)[0]?.replace(/^Invalid TOML document: /, '') ?? message
}
