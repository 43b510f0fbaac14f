import { CodedError } from './coded-error.ts'

/** Something in a value that JSON does not carry. The message begins with its place, `result.items[2]`. */
export class ValueError extends CodedError<'not-plain'> {}

/**
 * A copy of what JSON carries of a value, frozen through and through, so that nobody can change it: text, finite numbers,
 * booleans, null, arrays and plain objects of these; `toJSON` is asked, and a key whose value is undefined is left out.
 * Undefined itself stays. Throws a {@link ValueError} for anything else, and for an object that holds itself; `place` is how
 * its message names the whole.
 */
export function frozenValue(value: unknown, place: string): unknown {
  return value === undefined ? undefined : frozen(value, place, new Set())
}

function frozen(value: unknown, place: string, around: Set<object>): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number' && Number.isFinite(value)) return value
  if (typeof value !== 'object') throw refused(value, place)
  if ('toJSON' in value && typeof value.toJSON === 'function') return frozen(value.toJSON(''), place, around)
  if (around.has(value)) throw new ValueError('not-plain', `${place}: an object that holds itself`)
  const isList = Array.isArray(value)
  if (!isList && !isPlain(value)) throw refused(value, place)
  around.add(value)
  const copy = isList
    ? Array.from(value, (each: unknown, index) => frozen(each, `${place}[${index}]`, around))
    : Object.fromEntries(
        Object.entries(value).flatMap(([key, each]: [string, unknown]) =>
          each === undefined ? [] : [[key, frozen(each, `${place}.${key}`, around)]],
        ),
      )
  around.delete(value)
  return Object.freeze(copy)
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}

function refused(value: unknown, place: string): ValueError {
  return new ValueError('not-plain', `${place}: JSON does not carry ${nameOf(value)}`)
}

function nameOf(value: unknown): string {
  if (typeof value === 'object') return `a ${value?.constructor?.name ?? 'strange object'}`
  return typeof value === 'number' || value === undefined ? String(value) : `a ${typeof value}`
}
