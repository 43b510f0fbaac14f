import * as v from 'valibot'

/** A text that is so many bytes in base64url, without padding. */
export function base64Url(bytes: number) {
  const characters = Math.ceil((bytes * 8) / 6)
  return v.pipe(v.string(), v.regex(new RegExp(`^[\\w-]{${characters}}$`), `wanted ${bytes} bytes in base64url`))
}
