import * as v from 'valibot'
import { certificate } from './host-info.ts'

/** Why the way in for the network is as it is and stays so while the server runs. */
export const networkFixed = v.picklist([
  /** `--host` says what is listened on. */
  'host-given',
  /** HTTPS is turned off, and nothing goes over a network in the clear that somebody has opened by a click. */
  'no-https',
])

/** `GET /network` (owner): whether other machines reach this host by themselves, and where. */
export const network = v.object({
  open: v.boolean(),
  /** Whether it is opened again at the next start. */
  remembered: v.boolean(),
  /** Null when it can be opened and closed while the server runs. */
  fixed: v.nullable(networkFixed),
  /** TCP, for everything. */
  port: v.number(),
  /** UDP, for media. */
  udpPort: v.number(),
  /** Where it listens, or would: all addresses that the Internet does not lead to, with the interface that each belongs to. */
  addresses: v.array(v.object({ address: v.string(), interface: v.string(), link: v.string() })),
  /** What a browser that warns is compared with; null where HTTPS is turned off. */
  certificate: v.nullable(certificate),
})
export type NetworkView = v.InferOutput<typeof network>

/** `PUT /network` (owner) */
export const changeNetwork = v.strictObject({
  open: v.boolean(),
  /** Open it again at the next start; not when left out. */
  remember: v.optional(v.boolean()),
})
export type ChangeNetwork = v.InferOutput<typeof changeNetwork>
