/** The process says this often that it lives, in milliseconds. */
export const heartbeatPeriodMs = 500

/** So many periods without a byte from it mean that it hangs. Counted in periods, so that a server that stood still does not blame the process. */
export const missedHeartbeats = 6
