import type { LobbyView, SessionView } from '../../src/client/index.ts'
import { describePath } from '../model/describe-path.ts'

const seatNames: Readonly<Record<string, string>> = { 'keyboard-mouse': 'keyboard and mouse' }
const wires = { webrtc: 'WebRTC', websocket: 'WebSocket', moonlight: 'Moonlight' } as const

/** On what somebody is here, how pictures get there, and what they hold: "Firefox on Android · direct, WebRTC · has keyboard and mouse". */
export function describePresence({ id, device, path }: SessionView, lobby: LobbyView | undefined): string {
  // As they are now: the lobby tells more often than the session.
  const held = (lobby?.seats ?? []).filter(({ holder }) => holder === id).map((seat) => seatNames[seat.id] ?? seat.id)
  return [
    device?.name ?? 'an unknown device',
    path === null ? 'no picture yet' : `${describePath(path.path)}, ${wires[path.wire]}`,
    ...(held.length > 0 ? [`has ${held.join(', ')}`] : []),
  ].join(' · ')
}
