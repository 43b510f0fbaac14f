import type { Host } from '../../host/contract/host.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Speech } from '../contract/lane.ts'
import { LobbyLane } from './lobby-lane.ts'

/** Tells one client who may use what in the lobby that its session is in. */
export function seatLane({ host, clock, speech }: { host: Host; clock: Clock; speech: Speech }): LobbyLane {
  return new LobbyLane({
    host,
    clock,
    periodMs: 50,
    watched: ({ seats, settings, players, askers }) => [seats, settings, players, askers],
    tell: ({ id, seats, settings, players, askers }) =>
      speech.say({
        type: 'seats',
        lobbyId: id,
        seating: settings.value.seating,
        seats: [...seats.value],
        players: [...players.value],
        askers: [...askers.value],
      }),
  })
}
