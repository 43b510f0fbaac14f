import type { ChildVital } from '../../os/child/vital.ts'

/** A process that hangs is replaced within two seconds: one to notice, and one to start another. */
export const vital: ChildVital = { version: 1, heartbeatPeriodMs: 100, missedHeartbeats: 10 }
