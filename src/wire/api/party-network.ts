import * as v from 'valibot'
import { shareProtocols } from '../party/share.ts'

/** The network of the party that a host is in, for its owner: `/api/v1/party/network`. */

const port = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535))
const protocol = v.picklist(shareProtocols)
const count = v.number()

/** A port that this host shares. */
const partyShare = v.object({
  protocol,
  port: v.number(),
  /** Where it leads. */
  host: v.string(),
  hostPort: v.number(),
  /** Ids of the members who may; null for all. */
  members: v.nullable(v.array(v.string())),
})

/** A port of this machine that leads to one that a member shares. */
const partyPort = v.object({
  peerId: v.string(),
  protocol,
  /** As that member calls it. */
  port: v.number(),
  /** On this machine, at 127.0.0.1. */
  localPort: v.number(),
  isOpen: v.boolean(),
  /** Why it is not: its member is not there now, for instance. Null while it is open. */
  why: v.nullable(v.string()),
})

/** `GET /party/network` (owner) */
export const partyNetwork = v.object({
  /** What is between this machine and others, in a sentence; null while it is in no party. */
  nat: v.nullable(v.string()),
  /** By whom that is found out: named in the settings, or a relay of the control plane. */
  stunServers: v.array(v.object({ address: v.string(), by: v.picklist(['settings', 'control-plane']) })),
  /** What was probed for by birthday since the party was entered; null where that is not done. */
  birthday: v.nullable(v.object({ runs: count, opened: count, probes: count })),
  mesh: v.object({
    /** As it is chosen: where it may be, in any case, or not at all. It is the setting `mesh`. */
    mode: v.picklist(['auto', 'on', 'off']),
    state: v.picklist(['on', 'off']),
    /** Why it is off, or broadcasts are; null where there is nothing to say. */
    why: v.nullable(v.string()),
    /** Of the interface, and what implements it: null while it is off. */
    device: v.nullable(v.string()),
    by: v.nullable(v.picklist(['kernel', 'wireguard-go'])),
    address: v.nullable(v.string()),
    /** Of games on this machine, since it is on; null where they are not sent on. */
    broadcasts: v.nullable(v.object({ forwarded: count, repeated: count, tooMany: count, tooLong: count })),
  }),
  peers: v.array(
    v.object({
      id: v.string(),
      state: v.picklist(['connecting', 'connected', 'degraded', 'reconnecting', 'failed', 'cleaned']),
      /** All paths, and why the taken one is. */
      explanation: v.string(),
      latencyMs: v.nullable(v.number()),
      /** The kind of the path that is taken; null while none answers. */
      path: v.nullable(v.picklist(['direct', 'relayed', 'web-port'])),
      /** What went by a relay, or through the control plane, since that member is known here. */
      relayed: v.object({ sentBytes: count, receivedBytes: count }),
      /** In the virtual network: null before the first handshake, and where the mesh is off. */
      handshakeAt: v.nullable(v.string()),
      receivedBytes: count,
      sentBytes: count,
    }),
  ),
  shares: v.array(partyShare),
  ports: v.array(partyPort),
})
export type PartyNetworkView = v.InferOutput<typeof partyNetwork>

/** `POST /party/shares` (owner) */
export const sharePort = v.strictObject({
  protocol,
  port,
  /** Where it leads; this machine when left out. */
  host: v.optional(v.pipe(v.string(), v.regex(/^[\w.:-]{1,253}$/, 'wanted a name or an IP address'))),
  /** The same number when left out. */
  hostPort: v.optional(port),
  /** Ids of the members who may; all when left out. */
  members: v.optional(v.pipe(v.array(v.pipe(v.string(), v.maxLength(64))), v.maxLength(1024))),
})
export type SharePort = v.InferInput<typeof sharePort>

/** `POST /party/ports` (owner) */
export const openPort = v.strictObject({
  peerId: v.pipe(v.string(), v.maxLength(64)),
  protocol,
  port,
  /** The same number when left out, 0 for any that is free. */
  localPort: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535))),
})
export type OpenPort = v.InferInput<typeof openPort>

/** As a share or an opened port is named: "tcp-25565". */
export function portId(which: { readonly protocol: string; readonly port: number }): string {
  return `${which.protocol}-${which.port}`
}

/** Undefined for what names none. */
export function readPortId(
  text: string,
): { readonly protocol: v.InferOutput<typeof protocol>; readonly port: number } | undefined {
  const [, name, digits] = /^(tcp|udp)-(\d{1,5})$/.exec(text) ?? []
  return name === 'tcp' || name === 'udp' ? { protocol: name, port: Number(digits) } : undefined
}
