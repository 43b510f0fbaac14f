import * as v from 'valibot'

/** Who may use what in a lobby, as both the signalling and the REST API tell it. */
export const seatId = v.picklist(['keyboard-mouse', 'gamepad-1', 'gamepad-2', 'gamepad-3', 'gamepad-4'])
