import * as v from 'valibot'
import { PartyError } from '../contract/party-error.ts'

/** The value as its schema reads it. Throws PartyError `invalid`, which says what it is called. */
export function checked<T>(schema: v.GenericSchema<unknown, T>, value: unknown, called: string): T {
  const result = v.safeParse(schema, value)
  if (result.success) return result.output
  throw new PartyError('invalid', `In "${called}": ${result.issues[0].message}`)
}
