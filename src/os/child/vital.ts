/** What a server and one kind of process of its own have agreed on, so that each knows the other lives. */
export interface ChildVital {
  /** Both ends come from one package; a process of another version is refused. */
  readonly version: number
  /** The process says this often that it lives, in milliseconds. */
  readonly heartbeatPeriodMs: number
  /** So many periods without a byte from it mean that it hangs. */
  readonly missedHeartbeats: number
}
