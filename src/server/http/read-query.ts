import * as v from 'valibot'
import type { ApiContext } from './api-context.ts'
import { ApiError } from './api-error.ts'

/** Checks the query of a request. Throws ApiError `invalid-request`, naming the parameter. */
export function readQuery<T>(context: ApiContext, schema: v.GenericSchema<unknown, T>): T {
  const parameters = new URL(context.req.url).searchParams
  const keys = [...parameters.keys()]
  const twice = keys.find((key, index) => keys.indexOf(key) !== index)
  if (twice !== undefined) throw new ApiError('invalid-request', `Cannot use "${twice}" more than once`)
  const result = v.safeParse(schema, Object.fromEntries(parameters))
  if (result.success) return result.output
  const issue = result.issues[0]
  throw new ApiError('invalid-request', `In the query, "${v.getDotPath(issue)}": ${issue.message}`)
}
