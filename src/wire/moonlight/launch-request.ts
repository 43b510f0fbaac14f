import { WireError } from '../wire-error.ts'

/** What `/launch` and `/resume` ask for. Sound is agreed on later, with ANNOUNCE. */
export interface LaunchRequest {
  readonly appId: number
  readonly width: number
  readonly height: number
  readonly fps: number
  /** 16 bytes, by which everything of this stream is sealed. A secret. */
  readonly key: Uint8Array
  readonly keyId: number
  /** Whether the app's display may take the size of this client. */
  readonly optimizes: boolean
  readonly encryptsRtsp: boolean
}

/** Throws WireError `malformed` that names the parameter. The appid of `/resume` is not looked at by anybody: 0 when missing. */
export function readLaunchRequest(query: URLSearchParams): LaunchRequest {
  const mode = /^(\d{1,5})x(\d{1,5})x(\d{1,4})$/.exec(query.get('mode') ?? '')
  if (mode === null) throw new WireError('malformed', 'Cannot launch: mode is no WIDTHxHEIGHTxFPS')
  const key = query.get('rikey') ?? ''
  if (!/^[0-9a-f]{32}$/i.test(key))
    throw new WireError('malformed', 'Cannot launch: rikey is no 16 bytes in hexadecimal')
  const [, width = '', height = '', fps = ''] = mode
  return {
    appId: wholeNumber(query, 'appid', 0, 0, 0x7fffffff),
    width: Number(width),
    height: Number(height),
    fps: Number(fps),
    key: Uint8Array.from({ length: 16 }, (_, index) => Number.parseInt(key.slice(2 * index, 2 * index + 2), 16)),
    keyId: wholeNumber(query, 'rikeyid', 0, -0x80000000, 0xffffffff),
    optimizes: query.get('sops') === '1',
    encryptsRtsp: wholeNumber(query, 'corever', 0, 0, 1000) >= 1,
  }
}

function wholeNumber(query: URLSearchParams, name: string, fallback: number, min: number, max: number): number {
  const text = query.get(name)
  if (text === null) return fallback
  const value = Number(text)
  if (text === '' || !Number.isInteger(value) || value < min || value > max) {
    throw new WireError('malformed', `Cannot launch: ${name} is no whole number from ${min} to ${max}`)
  }
  return value
}
