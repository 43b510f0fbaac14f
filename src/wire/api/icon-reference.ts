import * as v from 'valibot'
import { wanted } from './table-schema.ts'

/** The most bytes that the picture of an app may have. */
export const maxIconBytes = 96 * 1024

export const iconTypes = ['image/png', 'image/jpeg', 'image/webp', 'image/svg+xml'] as const
export type IconType = (typeof iconTypes)[number]

const themeName = /^[\w][\w.+-]{0,127}$/
const file = /^\/[^\0]{1,1023}$/
const data = /^data:(image\/(?:png|jpeg|webp|svg\+xml));base64,([A-Za-z0-9+/]+={0,2})$/

/** What an app's icon may be: a name in the icon themes of the machine, a file there, or the picture itself. */
export const iconReference = wanted(
  `the name of an icon, the absolute path of one, or a PNG, JPEG, WebP or SVG of at most ${maxIconBytes / 1024} kB as "data:image/...;base64,..."`,
  v.pipe(
    v.string(),
    v.maxLength(Math.ceil(maxIconBytes / 3) * 4 + 64),
    v.regex(new RegExp([themeName, file, data].map(({ source }) => `(?:${source})`).join('|'))),
    v.check((text) => !text.startsWith('data:') || iconInText(text) !== undefined),
  ),
)

/** A picture and what it is. */
export interface IconPicture {
  readonly type: IconType
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** The picture in a `data:` reference; undefined for any other text, and for what is not what it says it is. */
export function iconInText(text: string): IconPicture | undefined {
  const [, type, base64 = ''] = data.exec(text) ?? []
  if (type === undefined || base64.length % 4 !== 0) return undefined
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
  return bytes.length <= maxIconBytes && iconTypeOf(bytes) === type ? { type, bytes } : undefined
}

/** The `data:` reference of a picture. */
export function textOfIcon({ type, bytes }: IconPicture): string {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return `data:${type};base64,${btoa(binary)}`
}

/** What a picture is by its first bytes, whatever it is called; undefined for what is none of the known kinds. */
export function iconTypeOf(bytes: Uint8Array): IconType | undefined {
  const latin = (from: number, to: number) => String.fromCharCode(...bytes.subarray(from, to))
  if (latin(0, 8) === '\x89PNG\r\n\x1a\n') return 'image/png'
  if (latin(0, 3) === '\xff\xd8\xff') return 'image/jpeg'
  if (latin(0, 4) === 'RIFF' && latin(8, 12) === 'WEBP') return 'image/webp'
  return isSvg(bytes) ? 'image/svg+xml' : undefined
}

/** An XML text whose first element is `svg`; what a browser would do with any other one is not to be found out. */
function isSvg(bytes: Uint8Array): boolean {
  if (bytes.includes(0)) return false
  const start = new TextDecoder().decode(bytes.subarray(0, 4096)).replace(/^\uFEFF/, '')
  const element = start.replace(/^(?:\s+|<\?[^>]*\?>|<!--[\s\S]*?-->|<!DOCTYPE[^>[]*(?:\[[^\]]*\])?\s*>)*/i, '')
  return /^<(?:svg:)?svg[\s>/]/.test(element)
}
