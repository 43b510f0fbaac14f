import { StoreError } from './store-error.ts'

/** Reads the value of a column, or says with `refuse` what was wanted. */
export type ColumnReader<T> = (value: unknown, refuse: (wanted: string) => never) => T

/** What a row becomes: for each property the column that it stands in, and how that is read. */
export type RowSchema<Row> = { readonly [Key in keyof Row]: readonly [column: string, read: ColumnReader<Row[Key]>] }

/** Reads a row by its schema. Throws StoreError `corrupt`, which names the column and repeats nothing of what is in it. */
export function readRow<Row>(schema: RowSchema<Row>, row: Readonly<Record<string, unknown>>): Row {
  const columns: readonly (readonly [string, RowSchema<Row>[keyof Row]])[] = Object.entries(schema)
  const read = columns.map(([key, [column, reader]]) => {
    const refuse = (wanted: string): never => {
      throw new StoreError('corrupt', `Cannot read the column "${column}": wanted ${wanted}`)
    }
    return [key, reader(row[column], refuse)]
  })
  return Object.fromEntries(read) as Row
}

/** The row that has just been written. Throws StoreError `failed` where there is none. */
export function found<Row>(row: Row | undefined): Row {
  if (row === undefined) throw new StoreError('failed', 'Cannot read what has just been written')
  return row
}

export const textColumn: ColumnReader<string> = (value, refuse) =>
  typeof value === 'string' ? value : refuse('a text')

export const numberColumn: ColumnReader<number> = (value, refuse) =>
  typeof value === 'number' ? value : refuse('a number')

export const bytesColumn: ColumnReader<Uint8Array> = (value, refuse) =>
  value instanceof Uint8Array ? value : refuse('a blob')

export const flagColumn: ColumnReader<boolean> = (value, refuse) =>
  value === 0 || value === 1 ? value === 1 : refuse('0 or 1')

/** Undefined where the column is NULL. */
export function optional<T>(read: ColumnReader<T>): ColumnReader<T | undefined> {
  return (value, refuse) => (value === null ? undefined : read(value, refuse))
}

/** One of these texts. */
export function oneOf<T extends string>(known: readonly T[]): ColumnReader<T> {
  return (value, refuse) => known.find((one) => one === value) ?? refuse(`one of ${known.join(', ')}`)
}

/** JSON of what `accepts` takes. */
export function json<T>(accepts: (value: unknown) => value is T, wanted: string): ColumnReader<T> {
  return (value, refuse) => {
    const parsed = parsedJson(textColumn(value, refuse))
    return accepts(parsed) ? parsed : refuse(`JSON of ${wanted}`)
  }
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}

function parsedJson(written: string): unknown {
  try {
    return JSON.parse(written)
  } catch {
    return undefined
  }
}
