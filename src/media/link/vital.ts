import type { ChildVital } from '../../os/child/vital.ts'

export const vital: ChildVital = { version: 5, heartbeatPeriodMs: 500, missedHeartbeats: 6 }
