import * as v from 'valibot'

/**
 * A value that says what was wanted, whatever is wrong with it: each of its issues has the message `wanted ...`. What it
 * is made of may say it closer.
 */
export function wanted<const Schema extends v.GenericSchema>(what: string, schema: Schema): Schema {
  return v.message(schema, `wanted ${what}`)
}

/**
 * A list or a table of anything by name of which the first fault is told and no more: somebody may send a hundred thousand.
 */
export function firstFault<const Schema extends v.GenericSchema>(schema: Schema): Schema {
  return v.config(schema, { abortEarly: true })
}

/** An object with these keys and no others, whose issues say what was wanted at the key that is missing or not known. */
export function table<const Entries extends v.ObjectEntries>(entries: Entries): v.StrictObjectSchema<Entries, Said> {
  return v.strictObject(entries, (issue) => {
    const key = issue.path?.[0]?.key
    if (typeof key !== 'string') return 'wanted a table'
    const entry = Object.hasOwn(entries, key) ? entries[key] : undefined
    if (!entry) return `wanted only ${Object.keys(entries).join(', ')}`
    const [missing] = v.safeParse(entry, undefined).issues ?? []
    return missing?.message ?? 'wanted a value'
  })
}

type Said = v.ErrorMessage<v.StrictObjectIssue>

/** Where something is wrong. */
export interface IssuePlace {
  /** The keys that lead there; elements of a list are told as the whole list. */
  readonly path: readonly string[]
  readonly issue: v.BaseIssue<unknown>
  readonly found: unknown
}

/** The places where something is wrong, with the first issue of each. */
export function placesOf(issues: readonly v.BaseIssue<unknown>[]): readonly IssuePlace[] {
  const places = new Map<string, IssuePlace>()
  for (const place of issues.flatMap(deepest)) {
    const key = place.path.join('\0')
    if (!places.has(key)) places.set(key, place)
  }
  return [...places.values()]
}

/** Where a value may be one of several things, the place is as deep as any of them got. */
function deepest(issue: v.BaseIssue<unknown>): readonly IssuePlace[] {
  const items = issue.path ?? []
  const inner = (issue.issues ?? []).flatMap(deepest).filter(({ path }) => path.length > 0)
  const list = items.findIndex(({ key }) => typeof key !== 'string')
  const used = list === -1 ? items : items.slice(0, list)
  const path = used.map(({ key }) => String(key))
  if (inner.length > 0) return inner.map((place) => ({ ...place, path: [...path, ...place.path] }))
  const last = used.at(-1)
  return [{ path, issue, found: last ? last.value : issue.input }]
}
