import { CodedError } from '../coded-error.ts'

/** One thing that a protocol allows at a point. */
export interface Allowed {
  readonly direction: Direction
  readonly peer: string
  readonly label: string
}

/** As seen from the role that is watched. */
export type Direction = 'sent' | 'received'

/** What an end did: it sent or received a message, or went on without one. */
export type Deed = Direction | 'missed'

interface Got extends Omit<Allowed, 'direction'> {
  readonly direction: Deed
}

/** A message that the protocol does not allow where it came. It ends its own conversation and nothing else. */
export class ProtocolViolation extends CodedError<
  'unexpected-message' | 'unknown-label' | 'out-of-order' | 'invalid-payload' | 'already-violated'
> {
  readonly protocol: string
  readonly role: string
  readonly got: Got
  /** What would have been right; empty when the conversation was over. */
  readonly expected: readonly Allowed[]

  constructor(
    code: ProtocolViolation['code'],
    at: { readonly protocol: string; readonly role: string },
    got: Got,
    expected: readonly Allowed[],
    why = '',
  ) {
    const wanted =
      expected.length > 0 ? expected.map((allowed) => formatAllowed(allowed, 'to')).join(' or ') : 'the end'
    const found = `${at.protocol}: ${at.role} ${formatAllowed(got, 'past')}`
    // Across protocols nearly everything is allowed: what is in the way says more.
    super(code, code === 'out-of-order' ? `${found}: ${why}` : `${found}${why && ` (${why})`}; expected ${wanted}`)
    this.protocol = at.protocol
    this.role = at.role
    this.got = got
    this.expected = expected
  }
}

function formatAllowed({ direction, peer, label }: Got, tense: 'to' | 'past'): string {
  if (direction === 'missed') return `went on without ${peer}, by ${quote(label)}`
  if (direction === 'sent') return `${tense === 'to' ? 'to send' : 'sent'} ${quote(label)} to ${peer}`
  return `${tense === 'to' ? 'to receive' : 'received'} ${quote(label)} from ${peer}`
}

const mostQuoted = 100

/** Labels that came over a wire may be of any length and hold anything, also what a terminal would obey. */
function quote(label: string): string {
  return JSON.stringify(label.length > mostQuoted ? `${label.slice(0, mostQuoted)}…` : label)
}
