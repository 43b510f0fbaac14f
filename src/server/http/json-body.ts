import * as v from 'valibot'
import { ApiError } from './api-error.ts'

/** Larger bodies are refused; the largest that makes sense has some hundred bytes. */
export const maxBodyBytes = 64 * 1024

/**
 * Reads and checks a request's JSON body. Throws ApiError `unsupported-media-type`, `body-too-large`, `malformed-json`
 * or, naming the field, `invalid-request`.
 */
export async function readJson<T>(request: Request, schema: v.GenericSchema<unknown, T>): Promise<T> {
  checkType(request)
  const value = parseJson(await readText(request))
  const result = v.safeParse(schema, value)
  if (result.success) return result.output
  const issue = result.issues[0]
  const path = v.getDotPath(issue)
  throw new ApiError('invalid-request', path ? `In "${path}": ${issue.message}` : issue.message)
}

function checkType(request: Request): void {
  const type = request.headers.get('content-type')
  if (!type || !/^application\/json *(;|$)/i.test(type)) {
    throw new ApiError('unsupported-media-type', `Cannot read a body of type "${type ?? ''}": wanted application/json`)
  }
  if ((request.headers.get('content-encoding') ?? 'identity') !== 'identity') {
    throw new ApiError('unsupported-media-type', 'Cannot read a compressed body: send it as it is')
  }
}

async function readText(request: Request): Promise<string> {
  if (Number(request.headers.get('content-length') ?? 0) > maxBodyBytes) throw tooLarge()
  const chunks: Uint8Array[] = []
  let length = 0
  try {
    for await (const chunk of request.body ?? []) {
      length += chunk.byteLength
      if (length > maxBodyBytes) throw tooLarge()
      chunks.push(chunk)
    }
  } catch (error) {
    throw error instanceof ApiError ? error : new ApiError('malformed-json', 'Cannot read the body: it was cut off')
  }
  return Buffer.concat(chunks).toString('utf8')
}

function tooLarge(): ApiError {
  // What is left of the body is not read: the connection is of no use afterwards.
  return new ApiError('body-too-large', `Cannot read the body: it has more than ${maxBodyBytes} bytes`, {
    Connection: 'close',
  })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new ApiError('malformed-json', 'Cannot read the body: it is not JSON')
  }
}
