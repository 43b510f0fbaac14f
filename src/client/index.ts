export { ApiClient, type ApiClientOptions } from './api/api-client.ts'
export { ApiError } from './api/api-error.ts'
export { openEventFeed, type EventFeed, type EventFeedOptions, type FeedState } from './api/event-feed.ts'
export { ClientError, isFinal, type ClientErrorCode } from './contract/client-error.ts'
export type { Clipboard } from './clipboard/client-clipboard.ts'
export type { ClientOptions, ReconnectionOptions, StartOptions } from './environment/client-options.ts'
export {
  next,
  type ConnectionEvent,
  type ConnectionState,
  type ConnectionStatus,
} from './connection/connection-state.ts'
export { pathStateWords, type PathStanding } from '../domain/path-standing.ts'
export type { ClientPath, HostPath, PathKind, PathReason, PathRelay } from './contract/client-path.ts'
export { soundLayouts, type SoundLayout } from '../domain/sound-layout.ts'
export { codecFacts, videoCodecs, type VideoCodec } from '../domain/video-codec.ts'
export { CuttableNetwork } from './connection/cuttable-network.ts'
export type { Role } from '../domain/member.ts'
export {
  ownEnvironment,
  type ClientEnvironment,
  type MachineEvents,
  type SocketLike,
} from './environment/environment.ts'
export { guessOwnLayout } from './input/guess-layout.ts'
export { captureInput } from './capture-input.ts'
export type { Microphone, MicrophoneState } from './microphone/microphone.ts'
export { openInputCapture, type InputCapture, type InputCaptureOptions } from './input/input-capture.ts'
export type { NotPasted } from './input/capture-keyboard.ts'
export { softModifiers, type SoftKey, type SoftKeys, type SoftModifier } from './input/soft-keys.ts'
export { pictureBox, type Box } from './input/letterbox.ts'
export {
  handOverFragment,
  parseFragment,
  placeFragment,
  signInFragment,
  type FragmentHandOver,
  type PageFragment,
} from './page/page-fragment.ts'
export { signallingUrl } from './page/signalling-url.ts'
export { GuestBook, type StoredGuest } from './page/guest-book.ts'
export { newClaim } from './page/new-claim.ts'
export { ownStorage } from './page/own-storage.ts'
export type { StorageLike } from './page/storage-like.ts'
export { TokenStore } from './page/token-store.ts'
export type { ClientEvents, Seats, SessionEvent, Voices } from './client-events.ts'
export type { Rumble } from '../domain/gamepad.ts'
export type { ClientPicture, PictureWish } from './client-picture.ts'
export type { PictureShape, ShapeOffer } from '../domain/picture-shape.ts'
export { PorchlightClient } from './porchlight-client.ts'
export type { PlayerPointer } from './seats/other-pointers.ts'
export type { HostStats, ViewerStats } from './stats/viewer-stats.ts'
export { systemClock, type Clock } from '../kernel/clock.ts'
export { messageOf } from '../kernel/coded-error.ts'
export type { Readable, Unsubscribe } from '../kernel/readable.ts'
export type {
  ApiEvent,
  AppDetails,
  AppView,
  CreatedInvitation,
  CreateInvitation,
  CreateLobby,
  ChangeLobby,
  DeviceView,
  MoonlightPairing,
  MoonlightView,
  EndedLobbyView,
  HandOver,
  HostInfo,
  KeyboardLayoutView,
  InvitationView,
  LobbyOutputView,
  LobbyView,
  Me,
  RecordQuery,
  SessionRecordView,
  SettingValue,
  SettingView,
  SessionStay,
  SessionTimeline,
  MemberView,
  NetworkView,
  OfferedInvitation,
  SendSession,
  SessionView,
} from '../wire/api/resources.ts'
export type { AppDefinition } from '../wire/api/app-definition.ts'
export type { WebPicture, WebSound } from '../wire/web-media/host-media-message.ts'
export type { InputMessage } from '../domain/input-event.ts'
export type { Delivery, LobbyText } from '../domain/delivery.ts'
export type { IceServer, Place } from '../wire/signal/messages.ts'
export type { Asker, Seat, SeatId, Seating, SeatWish } from '../domain/seat.ts'
export type { Player } from '../domain/player.ts'
export type { VoiceChoice } from '../domain/audience.ts'
