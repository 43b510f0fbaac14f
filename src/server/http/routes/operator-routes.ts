import type { Metrics } from '../../../observe/metrics.ts'
import { demand } from '../member-rights.ts'
import { resource, type ApiApp } from '../resource.ts'

/** A part without which the server is of no use. */
export interface VitalPart {
  readonly name: string
  /** What it throws counts as down. */
  isUp(): boolean
}

/** `/healthz` tells anybody whether the server works, and nothing else. */
export function healthRoute(app: ApiApp, parts: readonly VitalPart[]): void {
  resource(app, '/healthz', {
    GET: (context) => {
      const down = parts.filter((part) => !isUp(part)).map(({ name }) => name)
      return context.json({ status: down.length === 0 ? 'ok' : 'down', down }, down.length === 0 ? 200 : 503)
    },
  })
}

/** `/metrics`, in Prometheus' text format, for the owner's token. */
export function metricsRoute(app: ApiApp, metrics: Metrics): void {
  resource(app, '/metrics', {
    GET: async (context) => {
      demand(context.get('member'), 'manage-sessions')
      return context.body(await metrics.text(), 200, { 'Content-Type': metrics.contentType })
    },
  })
}

function isUp(part: VitalPart): boolean {
  try {
    return part.isUp()
  } catch {
    return false
  }
}
