import type { Metrics } from '../../../observe/metrics.ts'
import { health } from '../../../wire/api/resources.ts'
import { resource, type ApiResource } from '../resource.ts'

/** A part without which the server is of no use. */
export interface VitalPart {
  readonly name: string
  /** What it throws counts as down. */
  isUp(): boolean
}

/** `/healthz` tells anybody whether the server works, and nothing else. */
export function healthRoute(parts: readonly VitalPart[]): ApiResource {
  return resource('/healthz', {
    GET: {
      id: 'readHealth',
      summary: 'Whether the server works',
      answers: { 200: { type: 'json', schema: health }, 503: { type: 'json', schema: health } },
      handle: (context) => {
        const down = parts.filter((part) => !isUp(part)).map(({ name }) => name)
        return context.json({ status: down.length === 0 ? 'ok' : 'down', down }, down.length === 0 ? 200 : 503)
      },
    },
  })
}

/** `/metrics`, in Prometheus' text format, for the owner's token. */
export function metricsRoute(metrics: Metrics): ApiResource {
  return resource('/metrics', {
    GET: {
      id: 'readMetrics',
      summary: 'What is counted and measured',
      action: 'manage-sessions',
      answers: { 200: { type: 'text', mediaType: 'text/plain', description: "Prometheus' text format" } },
      handle: async (context) => context.body(await metrics.text(), 200, { 'Content-Type': metrics.contentType }),
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
