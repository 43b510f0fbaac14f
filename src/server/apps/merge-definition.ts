import { pointerOf } from '../../wire/api/json-pointer.ts'
import { readDefinition, type AppDefinition } from '../../wire/api/app-definition.ts'
import { AppsError } from './apps-error.ts'

/** A definition after a JSON merge patch (RFC 7396). Throws AppsError `invalid-app`, with pointers below `/definition`. */
export function mergeDefinition(before: AppDefinition, patch: Readonly<Record<string, unknown>>): AppDefinition {
  const read = readDefinition(merged(before, patch))
  if ('definition' in read) return read.definition
  const faults = read.faults.map(({ path, wanted }) => ({
    pointer: pointerOf(['definition', ...path]),
    detail: wanted,
  }))
  const [first] = faults
  throw new AppsError(
    'invalid-app',
    `Cannot change the app so: ${first?.pointer ?? ''}: ${first?.detail ?? ''}`,
    faults,
  )
}

function merged(before: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch
  const result = new Map(isObject(before) ? Object.entries(before) : [])
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) result.delete(key)
    else result.set(key, merged(result.get(key), value))
  }
  return Object.fromEntries(result)
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
