import * as v from 'valibot'

/** A Moonlight client that shows a PIN and waits for it to be typed. */
export const moonlightPairing = v.object({
  id: v.string(),
  /** Where it is. */
  address: v.string(),
  /** ISO 8601. */
  since: v.string(),
})
export type MoonlightPairing = v.InferOutput<typeof moonlightPairing>

/** `GET /moonlight`: whether Moonlight's clients can come, and which of them wait. */
export const moonlight = v.object({
  on: v.boolean(),
  /** TCP of the questions, of those under a certificate, and of the negotiation; UDP of the stream. Null where it is off. */
  ports: v.nullable(v.object({ http: v.number(), https: v.number(), rtsp: v.number(), udp: v.number() })),
  /** As what, and at which addresses, clients find it by themselves; null where nothing is announced. */
  announced: v.nullable(v.object({ name: v.string(), addresses: v.array(v.string()) })),
  pairings: v.array(moonlightPairing),
})
export type MoonlightView = v.InferOutput<typeof moonlight>

/** `POST /moonlight/pairings/:id` */
export const typePin = v.strictObject({
  /** As the client shows it. */
  pin: v.pipe(v.string(), v.regex(/^\d{4}$/)),
  /** What one calls the device. */
  name: v.pipe(v.string(), v.minLength(1), v.maxLength(64)),
})
