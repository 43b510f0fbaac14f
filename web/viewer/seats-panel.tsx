import type { Player, Seat } from '../../src/client/index.ts'
import type { SeatsModel } from '../model/seats-model.ts'
import { describePerson } from '../ui/avatars.tsx'
import { Icon } from '../ui/icon.tsx'

/** Who has which seat, and what one can do about it. */
export function SeatsPanel({ seats }: { seats: SeatsModel }) {
  const list = seats.seats.value?.seats ?? []
  // A gamepad that nobody has or wants is not worth a line.
  const shown = list.filter(
    ({ id, holder, requests, locked }) =>
      id === 'keyboard-mouse' || holder !== undefined || requests.length > 0 || locked,
  )
  return (
    <div class="settings seats" role="group" aria-label="Seats">
      {shown.map((seat) => (
        <SeatCard key={seat.id} seat={seat} seats={seats} />
      ))}
    </div>
  )
}

function SeatCard({ seat, seats }: { seat: Seat; seats: SeatsModel }) {
  const me = seats.me.value
  const isOwner = me?.role === 'owner'
  const isMine = seats.holds(seat)
  const shared = seat.id === 'keyboard-mouse' && seats.isShared.value
  const waits = me !== undefined && seat.requests.includes(me.sessionId)
  return (
    <section class="seat">
      <h3>
        <Icon name={seat.id === 'keyboard-mouse' ? 'keyboard' : 'gamepad'} />
        {nameOf(seat)}
        {seat.locked && (
          <span class="chip" title="Only the owner gives it away">
            <Icon name="lock" />
            Locked
          </span>
        )}
      </h3>
      <p class="settings-note">{describeHolder({ seat, shared, isMine, holder: seats.player(seat.holder) })}</p>
      {me && !shared && (
        <>
          <People seat={seat} seats={seats} me={me} mayGive={isOwner || (isMine && !seat.locked)} />
          <div class="seat-actions">
            {isMine && (
              <button type="button" class="button small" onClick={() => seats.change(seat.id, { do: 'release' })}>
                Give it back
              </button>
            )}
            {!isMine && isOwner && (
              <button
                type="button"
                class="button small primary"
                onClick={() => seats.change(seat.id, { do: 'take-back' })}
              >
                Take it
              </button>
            )}
            {!isMine && (!isOwner || seat.holder !== undefined) && (
              <button
                type="button"
                class={`button small ${isOwner || waits ? '' : 'primary'}`}
                onClick={() => seats.change(seat.id, { do: waits ? 'release' : 'request' })}
              >
                {waits ? 'Stop asking' : 'Ask for it'}
              </button>
            )}
            {isOwner && (
              <button
                type="button"
                class="button small"
                onClick={() => seats.change(seat.id, { do: seat.locked ? 'unlock' : 'lock' })}
              >
                <Icon name="lock" />
                {seat.locked ? 'Unlock' : 'Lock'}
              </button>
            )}
          </div>
        </>
      )}
    </section>
  )
}

/** The other players, those who ask first, each with a way to give them the seat for whoever may. */
function People(options: { seat: Seat; seats: SeatsModel; me: Player; mayGive: boolean }) {
  const { seat, seats, me, mayGive } = options
  const others = (seats.seats.value?.players ?? []).filter(
    ({ sessionId }) => sessionId !== me.sessionId && sessionId !== seat.holder,
  )
  const asks = ({ sessionId }: Player) => seat.requests.includes(sessionId)
  const listed = mayGive ? others.toSorted((a, b) => Number(asks(b)) - Number(asks(a))) : others.filter(asks)
  if (listed.length === 0) return null
  const wish = me.role === 'owner' ? 'grant' : 'hand-over'
  return (
    <ul class="seat-people">
      {listed.map((player) => (
        <li key={player.sessionId}>
          <span>
            {describePerson(player)}
            {asks(player) && <span class="seat-asks"> asks</span>}
          </span>
          {mayGive && (
            <button
              type="button"
              class={`button small ${asks(player) ? 'primary' : ''}`}
              aria-label={`Give ${nameOf(seat).toLowerCase()} to ${player.name}`}
              onClick={() => seats.change(seat.id, { do: wish, to: player.sessionId })}
            >
              {seat.holder === me.sessionId ? 'Hand over' : 'Give'}
            </button>
          )}
        </li>
      ))}
    </ul>
  )
}

function nameOf({ id }: Seat): string {
  return id === 'keyboard-mouse' ? 'Keyboard and mouse' : `Gamepad ${id.slice('gamepad-'.length)}`
}

function describeHolder(options: { seat: Seat; shared: boolean; isMine: boolean; holder: Player | undefined }): string {
  const { seat, shared, isMine, holder } = options
  if (shared) return 'Everybody who may play uses them together.'
  if (isMine) return 'You have it.'
  if (holder) return `${holder.name} has it.`
  return seat.locked ? 'Nobody has it. The owner gives it away.' : 'Nobody has it: whoever uses it first does.'
}
