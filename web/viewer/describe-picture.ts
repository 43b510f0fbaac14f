import type { HostStats, ShapeOffer } from '../../src/client/index.ts'
import { describeRate } from './describe-stats.ts'

/** What comes now, and why. */
export function describePicture(host: HostStats | undefined, offer: ShapeOffer | undefined): string {
  const seen = describeSeen(host)
  if (offer?.reason !== undefined) {
    const instead = offer.given ? 'the nearest that it can' : 'what suits your connection'
    return `${offer.reason}. Instead you get ${instead}${seen === '' ? '' : `: ${seen}`}. It changes when there is room.`
  }
  if (seen === '') return ''
  if (offer) return `${seen}, as you chose.`
  return `${seen}: ${why(host)}.`
}

function describeSeen(host: HostStats | undefined): string {
  const rendition = host?.rendition
  if (!rendition) return ''
  const { width, height, fps, bitrateBps } = rendition
  return `${width} × ${height} at ${fps} fps, up to ${describeRate(bitrateBps)}`
}

/** What the automatic choice goes by. Below these rates the host sends fewer or smaller pictures. */
function why(host: HostStats | undefined): string {
  return `chosen for a connection that carries ${describeRate(host?.targetBps)}`
}
