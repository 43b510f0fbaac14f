import type { DataChannel, PeerConnection } from 'node-datachannel'
import type { NativeParts } from '../../src/viewer/webrtc/native-parts.ts'
import { keysChannel, pointerChannel } from '../../src/wire/input/channels.ts'

/** The two that input goes by, negotiated as a browser's client does. */
export function openInputChannels(
  connection: PeerConnection,
  parts: NativeParts,
): { readonly keys: DataChannel; readonly pointer: DataChannel } {
  const keys = connection.createDataChannel(keysChannel.label, { negotiated: true, id: keysChannel.id })
  const pointer = connection.createDataChannel(pointerChannel.label, {
    negotiated: true,
    id: pointerChannel.id,
    unordered: true,
    maxRetransmits: 0,
  })
  return { keys: parts.keep(keys, 'keys'), pointer: parts.keep(pointer, 'pointer') }
}
