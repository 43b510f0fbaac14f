import * as v from 'valibot'
import { excessOf } from '../../wire/json-shape.ts'
import { PartyError } from '../contract/party-error.ts'

const maxBytes = 16 * 1024

/** Reads and checks a JSON body of at most 16 KiB. Throws PartyError `invalid`, which names the place. */
export async function readBody<T>(request: Request, schema: v.GenericSchema<unknown, T>): Promise<T> {
  const result = v.safeParse(schema, parse(await textOf(request)))
  if (result.success) return result.output
  const [issue] = result.issues
  const path = v.getDotPath(issue)
  throw new PartyError('invalid', path === null ? issue.message : `In "${path}": ${issue.message}`)
}

async function textOf({ body }: Request): Promise<string> {
  let bytes = 0
  const parts: Uint8Array[] = []
  for await (const part of body ?? []) {
    bytes += part.length
    if (bytes > maxBytes) throw new PartyError('invalid', `The body is longer than ${maxBytes} bytes`)
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

function parse(text: string): unknown {
  const excess = excessOf(text)
  if (excess !== undefined) throw new PartyError('invalid', `Cannot read the body: it ${excess}`)
  try {
    return JSON.parse(text)
  } catch {
    throw new PartyError('invalid', 'Cannot read the body: it is not JSON')
  }
}
