import type { Host } from '../../host/contract/host.ts'
import { audienceOf } from '../../domain/audience.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Speech } from '../contract/lane.ts'
import { LobbyLane } from './lobby-lane.ts'

/** Tells one client who would hear them in the lobby that its session is in, and who speaks. */
export function voiceLane({ host, clock, speech }: { host: Host; clock: Clock; speech: Speech }): LobbyLane {
  return new LobbyLane({
    host,
    clock,
    periodMs: 100,
    watched: ({ voices: { reach, speaking } }, { role }) => [reach, speaking, role],
    tell: ({ id, voices: { reach, speaking } }, { role }) =>
      speech.say({
        type: 'voices',
        lobbyId: id,
        voice: reach.value.choice,
        audience: audienceOf(role.value, reach.value),
        speaking: [...speaking.value],
      }),
  })
}
