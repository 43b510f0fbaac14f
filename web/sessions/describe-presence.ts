import type { LobbyView, SessionView } from '../../src/client/index.ts'
import { describeRate } from '../viewer/describe-stats.ts'
import { describeSound } from '../ui/describe-sound.ts'
import { describePath } from '../model/describe-path.ts'

const seatNames: Readonly<Record<string, string>> = { 'keyboard-mouse': 'keyboard and mouse' }
const wires = { webrtc: 'WebRTC', websocket: 'WebSocket', moonlight: 'Moonlight', native: 'native' } as const

/** On what somebody is here, how pictures get there, what they see and hear and what they hold: "Firefox on Android · direct, WebRTC · sees 1280 × 720 at 60 fps, 4.2 Mbit/s · has keyboard and mouse". */
export function describePresence(
  { id, device, path, picture, sound }: SessionView,
  lobby: LobbyView | undefined,
): string {
  // As they are now: the lobby tells more often than the session.
  const held = (lobby?.seats ?? []).filter(({ holder }) => holder === id).map((seat) => seatNames[seat.id] ?? seat.id)
  return [
    device?.name ?? 'an unknown device',
    path === null ? 'no picture yet' : `${describePath(path.path)}, ${wires[path.wire]}`,
    ...(picture ? [describeSight(picture)] : []),
    ...(sound ? soundOf(sound) : []),
    ...(held.length > 0 ? [`has ${held.join(', ')}`] : []),
  ].join(' · ')
}

function describeSight({ width, height, fps, bitrateBps, asked, reason }: NonNullable<SessionView['picture']>): string {
  const seen = `sees ${width} × ${height} at ${fps} fps, ${describeRate(bitrateBps)}`
  if (asked === null) return seen
  const wish = `${asked.width} × ${asked.height} at ${asked.maxFps} fps`
  return reason === null ? `${seen}, as wished` : `${seen} instead of ${wish}, which this host cannot encode now`
}

/** Stereo for who takes stereo goes without saying. */
function soundOf({ asked, given }: NonNullable<SessionView['sound']>): readonly string[] {
  if (asked === 'stereo' || given === null) return []
  return [given === asked ? describeSound(given) : `hears ${given}, asks for ${asked}`]
}
