import * as v from 'valibot'
import type { IceServer } from '../../wire/signal/messages.ts'

/** RFC 7064 and 7065: a scheme, a host (IPv6 in brackets), maybe a port, for TURN maybe a transport. */
const iceUrl = v.pipe(
  v.string(),
  v.maxLength(300),
  v.regex(
    /^(stuns?:(\[[\da-f:.]+\]|[\w.-]+)(:\d{1,5})?|turns?:(\[[\da-f:.]+\]|[\w.-]+)(:\d{1,5})?(\?transport=(udp|tcp))?)$/i,
  ),
)
const credential = v.pipe(v.string(), v.minLength(1), v.maxLength(512))

/** An RTCIceServer dictionary. */
export const iceServer = v.pipe(
  v.strictObject({
    urls: v.union([iceUrl, v.pipe(v.array(iceUrl), v.minLength(1), v.maxLength(8))]),
    username: v.optional(credential),
    credential: v.optional(credential),
  }),
  v.transform((server): IceServer => ({
    urls: server.urls,
    ...(server.username === undefined ? {} : { username: server.username }),
    ...(server.credential === undefined ? {} : { credential: server.credential }),
  })),
)

/** `URL[,USER,CREDENTIAL]`; a comma in the credential belongs to it. */
export const parseIceServerFlag = v.pipe(
  v.string(),
  v.transform((text): unknown => {
    const [urls, username, ...rest] = text.split(',')
    return username === undefined ? { urls } : { urls, username, credential: rest.join(',') }
  }),
  iceServer,
)

/** A JSON list of RTCIceServer dictionaries. */
export const iceServerList = v.pipe(v.string(), v.parseJson(), v.array(iceServer), v.maxLength(16))
