interface CauseText {
  readonly text: string
  readonly dot: 'gray' | 'orange' | 'red'
}

const causes: Readonly<Record<string, CauseText>> = {
  left: { text: 'left', dot: 'gray' },
  disconnected: { text: 'lost the connection', dot: 'orange' },
  'page-closed': { text: 'closed the page', dot: 'gray' },
  idle: { text: 'fell silent', dot: 'orange' },
  revoked: { text: 'link was revoked', dot: 'red' },
  stopped: { text: 'was ended', dot: 'red' },
  'host-closing': { text: 'host was turned off', dot: 'gray' },
  'host-lost': { text: 'host was lost', dot: 'red' },
}

/** The causes that can be asked for. */
export const knownCauses = Object.entries(causes).map(([cause, { text }]) => ({ cause, text }))

/** Why a stay ended, in words; a cause that is not known is its own word. */
export function describeCause(cause: string | null): CauseText {
  return causes[cause ?? ''] ?? { text: cause ?? 'is here', dot: 'gray' }
}
