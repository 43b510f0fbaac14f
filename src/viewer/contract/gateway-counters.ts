/** What every viewer counts, whatever its wire. */
export type ViewerCounters = Pick<GatewayCounters, 'keyframeRequests' | 'resyncs' | 'failedHandshakes'>

/** What a gateway has done since it was opened. One object, counted up by all of its parts. */
export interface GatewayCounters {
  /** RTP packets, resends included. */
  packetsSent: number
  bytesSent: number
  /** On media sockets. */
  webBytesSent: number
  packetsResent: number
  /** Packets that viewers asked for again. */
  packetsMissed: number
  /** Feedback messages that asked for packets again. */
  nacks: number
  /** Packets that clients have told to be lost, where parity is to repair them. */
  packetsLost: number
  /** Pictures, or blocks of them, that clients have made whole by their parity. */
  picturesRepaired: number
  /** Those that were lost in spite of it. */
  picturesUnrepaired: number
  /** Requests for a key picture, PLI and FIR. */
  keyframeRequests: number
  /** Times that a viewer fell behind and was taken to the next key picture. */
  resyncs: number
  /** RTCP packets that could not be read. */
  malformedControl: number
  inputEvents: number
  /** Input of those who may not, and what came faster than it can be used. */
  inputDropped: number
  /** Packets of microphones that were handed on. */
  voicePackets: number
  /** Those of whoever may not speak, and what is no Opus over RTP. */
  voicePacketsDropped: number
  /** Conversations that were ended because the client broke the protocol. */
  faults: number
  /** Peer connections that never carried anything back. */
  failedHandshakes: number
}

export function createCounters(): GatewayCounters {
  return {
    packetsSent: 0,
    bytesSent: 0,
    webBytesSent: 0,
    packetsResent: 0,
    packetsMissed: 0,
    nacks: 0,
    packetsLost: 0,
    picturesRepaired: 0,
    picturesUnrepaired: 0,
    keyframeRequests: 0,
    resyncs: 0,
    malformedControl: 0,
    inputEvents: 0,
    inputDropped: 0,
    voicePackets: 0,
    voicePacketsDropped: 0,
    faults: 0,
    failedHandshakes: 0,
  }
}
