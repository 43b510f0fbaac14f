import { messageOf } from '../coded-error.ts'
import { ProtocolError } from './protocol-error.ts'

/**
 * What the kernel asks of a payload schema: the Standard Schema interface, version 1 (https://standardschema.dev), which
 * valibot, zod and arktype implement. Declared here because the kernel imports nothing.
 */
export interface Schema<T> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => SchemaResult<T> | Promise<SchemaResult<T>>
    readonly types?: { readonly input: unknown; readonly output: T } | undefined
  }
}

interface SchemaIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

type SchemaResult<T> = { readonly value: T; readonly issues?: undefined } | { readonly issues: readonly SchemaIssue[] }

/** The type of the payloads that a schema accepts. */
export type PayloadOf<S> = S extends Schema<infer T> ? T : never

/** The payload of a message that carries nothing but its label. */
export const nothing: Schema<undefined> = {
  '~standard': {
    version: 1,
    vendor: 'porchlight',
    validate: (value) => (value === undefined ? { value } : { issues: [{ message: 'expected no payload' }] }),
  },
}

/** A schema that accepts anything of a type that only the compiler knows, for payloads that were checked before. */
export function unchecked<T>(): Schema<T> {
  return { '~standard': { version: 1, vendor: 'porchlight', validate: (value) => ({ value: value as T }) } }
}

/** What is wrong with `value`, or undefined when the schema accepts it. Schemas that answer later are refused. */
export function findFault(schema: Schema<unknown>, value: unknown): string | undefined {
  let result
  try {
    result = schema['~standard'].validate(value)
  } catch (error) {
    return `its schema failed: ${messageOf(error)}`
  }
  if (result instanceof Promise) {
    // Nobody awaits it, so its failure must not surface as an unhandled rejection.
    result.catch(() => {})
    throw new ProtocolError(
      'asynchronous-schema',
      'Cannot check a payload with an asynchronous schema: a monitor answers at once',
    )
  }
  const [issue] = result.issues ?? []
  if (!issue) return undefined
  const path = issue.path?.map((part) => String(typeof part === 'object' ? part.key : part)).join('.')
  return path ? `${path}: ${issue.message}` : issue.message
}
