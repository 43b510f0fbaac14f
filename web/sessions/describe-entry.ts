import type { SessionStay } from '../../src/client/index.ts'
import { describeDuration } from '../ui/describe-duration.ts'
import { describeRate } from '../viewer/describe-stats.ts'
import { describePath } from '../model/describe-path.ts'

type Entry = SessionStay['entries'][number]

const whyPath: Readonly<Record<string, string>> = {
  better: ', which is better',
  fallback: ', as long as there is no better one',
  lost: ', since the one before was lost',
  moved: ', since an address changed',
}

const whyRendition: Readonly<Record<string, string>> = {
  switch: 'of another place',
  path: 'for what the path carries',
  wish: 'as was wished',
}

const whatProbingGave: Readonly<Record<string, string>> = {
  opened: 'and one opened',
  unanswered: 'in vain: nobody answered',
  'no-sockets': 'in vain: the system gave no socket for it',
}

/** Why another encoding was shown; empty for what is not known. */
export function describeRenditionCause(cause: string): string {
  return whyRendition[cause] ?? cause
}

/** What was noted, as a sentence; what is not known is told as it came. */
export function describeEntry({ kind, detail }: Entry, lobbies: SessionStay['lobbies']): string {
  const text = (name: string) => String(detail[name] ?? '')
  const number = (name: string) => Number(detail[name] ?? 0)
  switch (kind) {
    case 'handshake':
      if (detail['ok'] === true) return `The connection stood after ${describeDuration(number('tookMs'))}`
      return `No connection: ${text('reason') || 'it is not known why'}`
    case 'path':
      // Where somebody chooses among several, all of it is told in words.
      return `Reached by the ${describePath(text('path'))} path${text('why') ? '' : (whyPath[text('reason')] ?? '')}${text('gateway') && ` (${text('gateway')})`}: ${text('why') || `${text('local')} to ${text('remote')}`}`
    case 'join':
      return `Went into ${text('title') || text('lobbyId')}`
    case 'sent':
      return `Was sent ${detail['lobbyId'] === null ? 'to the waiting room' : 'to a lobby'} by ${text('by')}${text('reason') && `: ${text('reason')}`}`
    case 'leave':
      return 'Went out of the lobby'
    case 'switch':
      return `Was shown ${lobbies.find(({ id }) => id === text('producerId'))?.title ?? 'the waiting room'}`
    case 'role':
      return text('role') === 'viewer' ? 'May only watch from here on' : `May play from here on, as ${text('role')}`
    case 'stream':
      return 'Pictures began to flow'
    case 'adaptation':
      return `Bitrate from ${describeRate(number('fromBps'))} to ${describeRate(number('toBps'))}, because of ${text('cause')}`
    case 'parity':
      return `Parity from ${number('fromPercent')} % to ${number('toPercent')} %, since ${Math.round(number('lossRatio') * 1000) / 10} % is lost`
    case 'rendition':
      return `Pictures from ${text('from')} to ${text('to')} a second, ${describeRenditionCause(text('cause'))}`
    case 'wish':
      if (detail['asked'] === null) return 'Asked for no size of its own any more'
      return `${text('cause') === 'offered' ? 'Still asks for' : 'Asked for'} ${text('asked')} a second: ${text('reason') === '' ? 'granted' : `${text('reason')}. Got ${text('given') || 'what suits the path'} instead`}`
    case 'sound':
      return `Sound in ${text('given')} here; the client asks for ${text('asked')}`
    case 'mode':
      return text('to') === 'pictures'
        ? 'Pictures again: the other end was heard'
        : 'Sound alone: the other end said nothing'
    case 'freeze':
      return `The picture had stood still for ${describeDuration(number('durationMs'))}`
    case 'probing':
      return `Probed for a direct path by birthday, ${whatProbingGave[text('result')] ?? text('result')} (${number('probes')} probes, ${describeDuration(number('tookMs'))})`
    case 'interruption':
      return `The direct path was interrupted: ${text('reason')}`
    case 'fault':
      return `Broke the protocol (${text('code')}): ${text('message')}`
    default:
      return [kind, ...Object.entries(detail).map(([name, value]) => `${name} ${String(value)}`)].join(', ')
  }
}
