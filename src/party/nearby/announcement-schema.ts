import * as v from 'valibot'
import type { Announcement, PlaneAddress } from '../contract/nearby.ts'

const fingerprint = v.pipe(v.string(), v.regex(/^[\da-f]{64}$/))
const url = v.pipe(
  v.string(),
  v.maxLength(200),
  v.check((text) => /^https?:$/.test(URL.parse(text)?.protocol ?? ''), 'wanted an address of the web'),
)
const address: v.GenericSchema<unknown, PlaneAddress> = v.pipe(
  v.object({ url, fingerprint: v.optional(fingerprint) }),
  v.transform((read) => ({ url: read.url, fingerprint: read.fingerprint })),
)

/** What somebody near has said, whoever that was: it is judged by its proof. */
export const announcementSchema: v.GenericSchema<unknown, Announcement> = v.pipe(
  v.object({
    peerId: v.pipe(v.string(), v.regex(/^[\w.:-]{1,64}$/)),
    joinedMs: v.pipe(v.number(), v.integer(), v.minValue(0)),
    home: v.optional(address),
    own: v.optional(address),
    isLocal: v.boolean(),
    proof: v.pipe(v.string(), v.regex(/^[\da-f]{32}$/)),
  }),
  v.transform((read) => ({ ...read, home: read.home, own: read.own })),
)
