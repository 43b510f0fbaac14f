import { messageOf } from '../coded-error.ts'
import { ProtocolError } from './protocol-error.ts'

/**
 * What the kernel asks of a payload schema: the Standard Schema interface, version 1 (https://standardschema.dev), which
 * valibot, zod and arktype implement. Declared here because the kernel imports nothing.
 */
export interface Schema<Output, Input = unknown> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>
    readonly types?: { readonly input: Input; readonly output: Output } | undefined
  }
}

interface SchemaIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

type SchemaResult<T> = { readonly value: T; readonly issues?: undefined } | { readonly issues: readonly SchemaIssue[] }

/** What is received of a payload with this schema: what it makes of what was sent. */
export type PayloadOf<S> = S extends Schema<infer T> ? T : never

/** What is sent with this schema. */
export type InputOf<S> = S extends Schema<unknown, infer T> ? T : never

/** Whether a value is a schema at all. */
export function isSchema(value: unknown): value is Schema<unknown> {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false
  const standard: unknown = '~standard' in value ? value['~standard'] : undefined
  if (typeof standard !== 'object' || standard === null) return false
  return (
    'version' in standard && standard.version === 1 && 'validate' in standard && typeof standard.validate === 'function'
  )
}

/** The payload of a message that carries nothing but its label. */
export const nothing: Schema<undefined, undefined> = {
  '~standard': {
    version: 1,
    vendor: 'porchlight',
    validate: (value) => (value === undefined ? { value } : { issues: [{ message: 'expected no payload' }] }),
  },
}

/** A schema that accepts anything of a type that only the compiler knows, for payloads that were checked before. */
export function unchecked<T>(): Schema<T, T> {
  return { '~standard': { version: 1, vendor: 'porchlight', validate: (value) => ({ value: value as T }) } }
}

/** What a schema makes of a payload, or what is wrong with it. */
export type Parsed = { readonly value: unknown; readonly fault?: undefined } | { readonly fault: string }

/** Reads a payload with its schema. Throws a {@link ProtocolError} for a schema that answers later. */
export function parsePayload(schema: Schema<unknown>, payload: unknown): Parsed {
  let result
  try {
    result = schema['~standard'].validate(payload)
  } catch (error) {
    return { fault: `its schema failed: ${messageOf(error)}` }
  }
  if (result instanceof Promise) {
    // Nobody awaits it, so its failure must not surface as an unhandled rejection.
    result.catch(() => {})
    throw new ProtocolError(
      'asynchronous-schema',
      'Cannot check a payload with an asynchronous schema: a monitor answers at once',
    )
  }
  if (!result.issues) return result
  const [issue] = result.issues
  const path = issue?.path?.map((part) => String(typeof part === 'object' ? part.key : part)).join('.')
  const what = issue?.message ?? 'its schema refuses it'
  return { fault: path ? `${path}: ${what}` : what }
}

/** What is wrong with `payload`, or undefined when the schema accepts it. Schemas that answer later are refused. */
export function findFault(schema: Schema<unknown>, payload: unknown): string | undefined {
  return parsePayload(schema, payload).fault
}
