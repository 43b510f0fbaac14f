import { isIP } from 'node:net'
import * as v from 'valibot'
import type { Size } from '../../domain/size.ts'
import type { IceServer } from '../../wire/signal/messages.ts'
import { size as sizeLimits } from '../../wire/api/lobby-settings.ts'
import { iceServer, iceServerList, parseIceServerFlag } from './config-ice.ts'

/** What values of settings may be: as a flag or a variable says them, and as JSON and TOML do. */

/** Whether a way in is open, where it may be left to what else is said. */
export const waysIn = ['on', 'off', 'auto'] as const

/** A number, or digits that say one. */
export function numeric(least: number, most: number): v.GenericSchema<unknown, number> {
  return v.pipe(
    v.union([v.number(), v.pipe(v.string(), v.regex(/^\d{1,5}(?:\.\d{1,3})?$/), v.transform(Number))]),
    v.minValue(least),
    v.maxValue(most),
  )
}

export function whole(least: number, most: number): v.GenericSchema<unknown, number> {
  const digits = v.pipe(v.string(), v.regex(/^\d{1,5}$/), v.transform(Number))
  return v.pipe(v.union([v.number(), digits]), v.integer(), v.minValue(least), v.maxValue(most))
}

const hostName = /^(?=.{1,253}$)[a-z\d]([a-z\d-]{0,62})(\.[a-z\d]([a-z\d-]{0,62}))*$/i
export const bindAddress = v.pipe(
  v.string(),
  v.check((text) => isIP(text) !== 0 || (hostName.test(text) && !/^[\d.]+$/.test(text))),
)

export const pixels: v.GenericSchema<unknown, Size> = v.pipe(
  v.string(),
  v.regex(/^\d{1,5}x\d{1,5}$/),
  v.transform((text) => {
    const [width, height] = text.split('x').map(Number)
    return { width, height }
  }),
  sizeLimits,
)

export const toggle: v.GenericSchema<unknown, boolean> = v.union([
  v.boolean(),
  v.pipe(
    v.picklist(['1', 'true', 'yes', '0', 'false', 'no']),
    v.transform((text) => text === '1' || text === 'true' || text === 'yes'),
  ),
])

const origin = v.pipe(
  v.string(),
  v.trim(),
  v.check((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && isPlainAddress(text)),
  v.transform((text) => {
    const { origin: own, pathname } = new URL(text)
    return own + pathname.replace(/\/+$/, '')
  }),
)

/** An origin, or a folder of one: nothing that would have to be escaped, or means something else to a proxy. */
function isPlainAddress(text: string): boolean {
  const url = new URL(text)
  return (
    /^\/(?:[\w.~-]+\/?)*$/.test(url.pathname) &&
    url.search === '' &&
    url.hash === '' &&
    url.username === '' &&
    url.password === ''
  )
}

/** One of them. */
export const webAddress: v.GenericSchema<unknown, string> = v.pipe(v.string(), v.maxLength(200), origin)

/** A variable separates its values by commas; a flag comes once for each value. */
export const originList = v.pipe(
  v.union([
    v.array(v.string()),
    v.pipe(
      v.string(),
      v.transform((text) => text.split(',')),
    ),
  ]),
  v.array(origin),
)

export const iceServers: v.GenericSchema<unknown, IceServer[]> = v.union([
  v.pipe(v.array(v.union([parseIceServerFlag, iceServer])), v.maxLength(16)),
  v.pipe(v.string(), iceServerList),
])

const turnUrl = v.pipe(
  v.string(),
  v.trim(),
  v.regex(/^turns?:(\[[\da-f:.]+\]|[\w.-]+)(:\d{1,5})?(\?transport=(udp|tcp))?$/i),
)

/** As {@link originList}. */
export const turnUrls: v.GenericSchema<unknown, string[]> = v.pipe(
  v.union([
    v.array(v.string()),
    v.pipe(
      v.string(),
      v.transform((text) => text.split(',')),
    ),
  ]),
  v.array(turnUrl),
  v.maxLength(8),
)

/** Of a file or a directory. */
export const path = v.pipe(v.string(), v.minLength(1), v.maxLength(4096), v.excludes('\0'))
