import { CodedError, messageOf } from '../coded-error.ts'
import { ConversationMonitor, type ConversationPlan } from './conversation.ts'
import { withoutSeal } from './recording-seal.ts'
import { type Deed, ProtocolViolation } from './protocol-violation.ts'

export class RecordingError extends CodedError<'malformed-recording' | 'other-conversation'> {}

/** One message of a recording. */
export interface RecordedMessage {
  /** Milliseconds since the Unix epoch. */
  readonly atMs: number
  /** `missed`: the end went on without its peer, and the label names the branch for that. */
  readonly direction: Deed
  readonly label: string
  /** What was kept of it; whoever records leaves secrets out. */
  readonly payload?: unknown
}

interface Header {
  readonly conversation: string
  readonly role: string
  readonly fingerprint: string
  /** Messages before the first one that is kept. */
  readonly skipped: number
  /** Where the conversation was at the first one that is kept. */
  readonly states: readonly number[]
  /** What the orders across protocols remembered then; left out where nothing came before. */
  readonly orders?: readonly number[]
}

export interface RecordingOptions {
  /** Messages kept. */
  readonly capacity: number
  /** Characters kept, as they are written; 1,000,000 when left out. */
  readonly maxCharacters?: number
}

/**
 * Keeps the last messages of one connection. What falls out at the front moves the starting point, so that the rest can
 * still be replayed exactly; what broke the protocol never falls out, and nothing after it is kept that has no room.
 */
export class Recording {
  readonly #plan: ConversationPlan
  readonly #options: Required<RecordingOptions>
  readonly #kept: { readonly message: RecordedMessage; readonly line: string }[] = []
  readonly #start: ConversationMonitor
  #characters = 0
  #skipped = 0
  #isOver = false

  constructor(plan: ConversationPlan, options: RecordingOptions) {
    this.#plan = plan
    this.#options = { maxCharacters: 1_000_000, ...options }
    this.#start = new ConversationMonitor(plan)
  }

  /** Records a message as it is now, before it is judged: the one that breaks the protocol is in the recording. */
  add(message: RecordedMessage): void {
    if (this.#isOver) return
    const line = `${JSON.stringify(message)}\n`
    this.#kept.push({ message, line })
    this.#characters += line.length
    while (this.#kept.length > this.#options.capacity || this.#characters > this.#options.maxCharacters) {
      if (!this.#drop()) break
    }
  }

  /** Those that are kept, oldest first. */
  get messages(): readonly RecordedMessage[] {
    return this.#kept.map(({ message }) => message)
  }

  /** JSON lines: a header, then the messages. */
  format(): string {
    const { conversation, role, fingerprint } = this.#plan
    const header: Header = { conversation, role, fingerprint, skipped: this.#skipped, ...this.#start.position }
    return [`${JSON.stringify(header)}\n`, ...this.#kept.map(({ line }) => line)].join('')
  }

  /** Drops the oldest message, or, where that one broke the protocol, everything behind it. False when that was so. */
  #drop(): boolean {
    const oldest = this.#kept[0]
    if (!oldest) return false
    try {
      this.#start[oldest.message.direction](oldest.message.label)
    } catch {
      this.#isOver = true
      this.#kept.length = 1
      return false
    }
    this.#kept.shift()
    this.#characters -= oldest.line.length
    this.#skipped++
    return true
  }
}

/** How a recorded conversation went. */
export interface ReplayedConversation {
  readonly role: string
  readonly skipped: number
  readonly messages: readonly RecordedMessage[]
  /** What broke the protocol, always at the last message if at all. */
  readonly violation: ProtocolViolation | undefined
}

/**
 * Plays a recording against a conversation. `planOf` finds the plan by the conversation's name, the recorded role and the version.
 * Throws a {@link RecordingError} for text that is no recording and for one of another version of the conversation.
 */
export function replayConversation(
  text: string,
  planOf: (conversation: string, role: string, fingerprint: string) => ConversationPlan | undefined,
): ReplayedConversation {
  const [first = '', ...rest] = withoutSeal(text)
    .split('\n')
    .filter((line) => line !== '')
  const header = parseLine(first, 1, isHeader)
  const plan = planOf(header.conversation, header.role, header.fingerprint)
  if (!plan || plan.fingerprint !== header.fingerprint) {
    throw new RecordingError(
      'other-conversation',
      `Cannot replay a recording of "${header.conversation}" (${header.fingerprint}) as ${header.role}: ${plan ? `this version is ${plan.fingerprint}` : 'it is not known here'}`,
    )
  }
  const messages = rest.map((line, index) => parseLine(line, index + 2, isMessage))
  const { skipped, role } = header
  const monitor = monitorAt(plan, header)
  for (const [index, { direction, label }] of messages.entries()) {
    try {
      monitor[direction](label)
    } catch (violation) {
      if (!(violation instanceof ProtocolViolation)) throw violation
      return { role, skipped, messages: messages.slice(0, index + 1), violation }
    }
  }
  return { role, skipped, messages, violation: undefined }
}

function monitorAt(plan: ConversationPlan, { states, orders, skipped }: Header): ConversationMonitor {
  try {
    if (skipped > 0 && orders === undefined && plan.table.orders.bits > 0) {
      throw new RangeError('it does not tell what the orders remembered')
    }
    return new ConversationMonitor(plan, { states, ...(orders && { orders }) })
  } catch (error) {
    throw new RecordingError('malformed-recording', `Line 1 of the recording: ${messageOf(error)}`, { cause: error })
  }
}

function parseLine<T>(line: string, number: number, accept: (value: unknown) => value is T): T {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch (error) {
    throw new RecordingError(
      'malformed-recording',
      `Line ${number} of the recording is not JSON: ${messageOf(error)}`,
      { cause: error },
    )
  }
  if (accept(value)) return value
  throw new RecordingError(
    'malformed-recording',
    `Line ${number} of the recording is no ${number === 1 ? 'header' : 'message'}`,
  )
}

function isHeader(value: unknown): value is Header {
  return (
    isRecord(value) &&
    ['conversation', 'role', 'fingerprint'].every((key) => typeof value[key] === 'string') &&
    Number.isInteger(value['skipped']) &&
    Number(value['skipped']) >= 0 &&
    Array.isArray(value['states']) &&
    (value['orders'] === undefined || Array.isArray(value['orders']))
  )
}

function isMessage(value: unknown): value is RecordedMessage {
  return (
    isRecord(value) &&
    Number.isFinite(value['atMs']) &&
    typeof value['label'] === 'string' &&
    ['sent', 'received', 'missed'].includes(String(value['direction']))
  )
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
