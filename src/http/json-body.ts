import * as v from 'valibot'
import { pointerOf } from '../wire/api/json-pointer.ts'
import { placesOf } from '../wire/api/table-schema.ts'
import { excessOf } from '../wire/json-shape.ts'
import { HttpError } from './http-error.ts'
import { readBody, type BodyLimits } from './request-body.ts'

/** Larger bodies are refused unless an endpoint wants more; most have some hundred bytes. */
export const maxBodyBytes = 64 * 1024

/** More is not told at once: whoever reads it corrects the first ones first. */
const maxErrors = 50

/**
 * Reads and checks a request's JSON body. Throws HttpError `unsupported-media-type`, `body-too-large`, `malformed-json`
 * or, naming each place that is wrong, `invalid-request`.
 */
export async function readJson<T>(
  request: Request,
  schema: v.GenericSchema<unknown, T>,
  limits: { readonly maxBytes?: number | undefined; readonly mediaTypes?: BodyLimits['mediaTypes'] } = {},
): Promise<T> {
  const { maxBytes = maxBodyBytes, mediaTypes = ['application/json'] } = limits
  const { bytes } = await readBody(request, { mediaTypes, maxBytes })
  const result = v.safeParse(schema, parseJson(new TextDecoder().decode(bytes)))
  if (result.success) return result.output
  const places = placesOf(result.issues).slice(0, maxErrors)
  const [first] = places
  const path = first?.path.join('.') ?? ''
  const said = first?.issue.message ?? 'It is not what is wanted'
  const errors = places.map(({ path: keys, issue }) => ({ pointer: pointerOf(keys), detail: issue.message }))
  throw new HttpError('invalid-request', path === '' ? said : `In "${path}": ${said}`, {}, errors)
}

function parseJson(text: string): unknown {
  const excess = excessOf(text)
  if (excess !== undefined) throw new HttpError('invalid-request', `Cannot read the body: it ${excess}`)
  try {
    return JSON.parse(text)
  } catch {
    throw new HttpError('malformed-json', 'Cannot read the body: it is not JSON')
  }
}
