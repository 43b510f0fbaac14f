import * as v from 'valibot'
import { videoCodecs } from '../../domain/video-codec.ts'

/** What the host serves HTTPS with. */
export const certificate = v.object({
  /** SHA-256, as browsers show it: `AB:CD:...`. */
  fingerprint: v.string(),
  expiresAt: v.string(),
  /** DNS names and IP addresses. */
  names: v.array(v.string()),
  /** By the host: browsers warn of it, and people compare the fingerprint. */
  madeHere: v.boolean(),
})
export type CertificateView = v.InferOutput<typeof certificate>

/** `GET /secure-origin`: where the page that asks is found by HTTPS; null where that is not known. */
export const secureOrigin = v.object({ origin: v.nullable(v.string()) })

/** `GET /host`: what this machine can do, and what is missing. */
export const hostInfo = v.object({
  version: v.string(),
  /** Addresses of the page, the one to hand on first. */
  links: v.array(v.string()),
  /** Links of the native transport for `porchlight view`, the one to hand on first; none where it is not served. */
  nativeLinks: v.optional(v.array(v.string()), []),
  /** The control plane through which the native transport is found from everywhere; null where there is none. */
  gateway: v.optional(
    v.nullable(
      v.object({
        url: v.string(),
        state: v.picklist(['connecting', 'registered', 'failed']),
        /** Why it failed, for people; null otherwise. It is tried again. */
        why: v.nullable(v.string()),
        /** Since when it is registered there without a break; null while it is not. */
        since: v.optional(v.nullable(v.string())),
        /** Who looked for the host there since it was started, and whom of them it could not meet. */
        visitors: v.optional(v.number()),
        missed: v.optional(v.number()),
        /** How many relays it has told of. */
        relays: v.optional(v.number()),
      }),
    ),
    null,
  ),
  /** What HTTPS is served with; null where it is turned off. */
  certificate: v.nullable(certificate),
  /** Where what outlives a restart is kept. */
  dataDirectory: v.string(),
  limits: v.object({
    lobbies: v.number(),
    sessions: v.number(),
    idleMs: v.number(),
    /** How much can be encoded at once for who wishes a size, in 1280x720 at 60 pictures a second. */
    encoderBudget: v.number(),
  }),
  encoders: v.array(
    v.object({
      name: v.string(),
      codec: v.picklist(videoCodecs),
      available: v.boolean(),
      reason: v.nullable(v.string()),
    }),
  ),
  missing: v.array(v.object({ what: v.string(), consequence: v.string(), remedy: v.string() })),
})
export type HostInfo = v.InferOutput<typeof hostInfo>
