import { HttpError } from './http-error.ts'

/** What a body may be. */
export interface BodyLimits {
  readonly mediaTypes: readonly string[] | 'any'
  readonly maxBytes: number
}

/** Most bodies have less. */
const firstBytes = 1024

/**
 * Reads the bytes of a body, with what they are said to be. Throws HttpError `unsupported-media-type`, `body-too-large`,
 * or `malformed-json` for one that was cut off.
 */
export async function readBody(
  request: Request,
  { mediaTypes, maxBytes }: BodyLimits,
): Promise<{ readonly type: string; readonly bytes: Uint8Array<ArrayBuffer> }> {
  const type = typeOf(request, mediaTypes)
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge(maxBytes)
  // One piece of memory, since what comes may be in as many chunks as it has bytes.
  let bytes = new Uint8Array(Math.min(maxBytes, firstBytes))
  let length = 0
  try {
    for await (const chunk of request.body ?? []) {
      const next = length + chunk.byteLength
      if (next > maxBytes) throw tooLarge(maxBytes)
      if (next > bytes.length) bytes = grown(bytes, Math.min(maxBytes, Math.max(next, 2 * bytes.length)))
      bytes.set(chunk, length)
      length = next
    }
  } catch (error) {
    throw error instanceof HttpError ? error : new HttpError('malformed-json', 'Cannot read the body: it was cut off')
  }
  return { type, bytes: bytes.slice(0, length) }
}

function grown(bytes: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(length)
  larger.set(bytes)
  return larger
}

function typeOf(request: Request, mediaTypes: BodyLimits['mediaTypes']): string {
  const said = request.headers.get('content-type') ?? ''
  const [type = ''] = said.toLowerCase().split(/ *;/, 1)
  if (mediaTypes !== 'any' && !mediaTypes.includes(type)) {
    const message = `Cannot read a body of type "${said}": wanted ${mediaTypes.join(', ')}`
    throw new HttpError('unsupported-media-type', message)
  }
  if ((request.headers.get('content-encoding') ?? 'identity') !== 'identity') {
    throw new HttpError('unsupported-media-type', 'Cannot read a compressed body: send it as it is')
  }
  return type
}

function tooLarge(maxBytes: number): HttpError {
  // What is left of the body is not read: the connection is of no use afterwards.
  return new HttpError('body-too-large', `Cannot read the body: it has more than ${maxBytes} bytes`, {
    Connection: 'close',
  })
}
