import { CodedError } from '../../kernel/coded-error.ts'

export type HostErrorCode =
  | 'app-not-found'
  /** The app cannot run here; the message says why and how to change that. */
  | 'app-unavailable'
  | 'lobby-not-found'
  | 'lobby-ended'
  | 'too-many-lobbies'
  /** Another lobby of the app has the profile that was asked for. */
  | 'profile-in-use'
  | 'too-many-sessions'
  /** A session with this id is here already. */
  | 'session-exists'
  | 'session-closed'
  /** The member's role or invitation does not cover it. */
  | 'forbidden'
  /** The session is in another lobby and has to leave it first. */
  | 'already-in-lobby'
  | 'input-forbidden'
  /** Nobody would hear the session: by its role, by the owner's choice, or as there is no microphone. */
  | 'voice-forbidden'
  /** As many microphones are on in the lobby as there can be. */
  | 'too-many-speakers'
  /** The session is in a waiting room, or its display has just gone. */
  | 'clipboard-unavailable'
  /** More text than a clipboard takes. */
  | 'clipboard-too-large'
  /** No display can have this size. */
  | 'invalid-size'
  | 'resize-unsupported'
  | 'layout-unsupported'
  /** This machine has no keyboard layout of that name. */
  | 'layout-unknown'
  /** The lobby has no such seat: its app has no display. */
  | 'seat-not-found'
  /** Everybody who may play uses this seat together: it cannot be asked for, given or locked. */
  | 'seat-shared'
  /** Only the owner gives this seat away. */
  | 'seat-locked'
  /** Only whoever has the seat can hand it over. */
  | 'seat-not-held'
  /** The owner has just said that this member is not to play now. */
  | 'declined-lately'
  /** The member does not ask to play (any more). */
  | 'not-asking'
  /** The session is in no lobby, not in this one, or may not play. */
  | 'not-in-lobby'
  /** The lobby's app has not run for a while. */
  | 'app-not-running'
  /** A text was typed in part only. */
  | 'typing-interrupted'
  /** It could not be written down that the lobby is to come back, or that it is not; the message says why. */
  | 'not-recorded'
  /** There is no room for it on the disk; the message says where. */
  | 'disk-full'
  /** The display did not take the change. */
  | 'change-failed'
  /** The host is closing. */
  | 'host-closed'

/** Why the host did not do what was asked. */
export class HostError extends CodedError<HostErrorCode> {}
