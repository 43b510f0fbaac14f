import type { Clock } from '../../kernel/clock.ts'
import { ConversationMonitor, planConversation } from '../../kernel/monitor/conversation.ts'
import { ConversationPeer } from '../../kernel/monitor/conversation-peer.ts'
import { ProtocolViolation } from '../../kernel/monitor/protocol-violation.ts'
import type { Pipe, PipeMessage } from '../../kernel/pipe.ts'
import {
  admission,
  decodeAdmissionAnswer,
  encodeAdmission,
  type AdmissionAnswer,
  type AdmissionRequest,
} from '../../wire/native/admission.ts'
import { WireError } from '../../wire/wire-error.ts'
import { ViewError, type ViewErrorCode } from '../contract/view-error.ts'

/** Who one is there. */
export type Welcome = Omit<Extract<AdmissionAnswer, { type: 'welcome' }>, 'type'>

/** How somebody introduces themselves where their device is not known. */
export interface Introduction {
  /** The token of an invitation; undefined for who has none, and has been there before. */
  readonly invitation: string | undefined
  /** How the others are to call one. */
  readonly name: string
  /** How one is to find this device among one's others. */
  readonly device: string
  /**
   * The PIN of the invitation, 4 to 8 digits: asked for when the host wants one, and again after a wrong one, with what the host has said
   * (how many tries are left). Undefined: there is none to be had.
   */
  readonly pin: (why: 'pin-required' | 'wrong-pin', said: string) => Promise<string | undefined>
}

const plan = planConversation(admission, 'client')
/** The host may look into its store, and no longer. */
const answerWithinMs = 15_000
/** At one go. Ten wrong ones destroy an invitation for everybody: whoever has mistyped so often had better ask for it again. */
const mostPins = 5

/**
 * Comes in on a channel: the client's end of `admission`. Whoever wants `requests` has no session there. Rejects with ViewError, and with
 * the host's own words for why it lets nobody in.
 */
export async function comeIn(options: {
  readonly pipe: Pipe
  readonly wants: 'session' | 'requests'
  readonly introduction: Introduction
  readonly clock: Clock
  /** Takes each message that the host says behind its welcome. */
  readonly onward: (message: PipeMessage) => void
}): Promise<Welcome> {
  const { wants, introduction } = options
  const door = new Door(options)
  const known = await door.ask({ type: 'knock', ...(wants === 'requests' && { wants }) })
  if (known.type === 'welcome') return known
  if (known.type === 'refused') throw refusalOf(known)
  const { invitation, name, device } = introduction
  if (invitation === undefined) {
    throw new ViewError(
      'not-invited',
      'Cannot come in: the host does not know this device, or not any more, and the link has no invitation in it. ' +
        'Ask the owner of the host for a share link.',
    )
  }
  let pin: string | undefined
  for (let tries = 0; ; tries++) {
    const redeem = { type: 'redeem', invitation, name, device, ...(pin !== undefined && { pin }) } as const
    const answer = await door.ask({ ...redeem, ...(wants === 'requests' && { wants }) })
    if (answer.type === 'welcome') return answer
    if (answer.type === 'stranger') throw broken()
    const { code } = answer
    // What is no invitation may be a member's own token, the owner's for instance, in whose link it stands at the same place.
    if (code === 'unknown-token') return await prove(door, answer, { token: invitation, device, wants })
    if (tries >= mostPins || (code !== 'pin-required' && code !== 'wrong-pin')) throw refusalOf(answer)
    pin = await introduction.pin(code, answer.message)
    if (pin === undefined) throw refusalOf(answer)
  }
}

async function prove(
  door: Door,
  refusal: Extract<AdmissionAnswer, { type: 'refused' }>,
  shown: { readonly token: string; readonly device: string; readonly wants: 'session' | 'requests' },
): Promise<Welcome> {
  const { token, device, wants } = shown
  const answer = await door.ask({ type: 'prove', token, device, ...(wants === 'requests' && { wants }) })
  if (answer.type === 'welcome') return answer
  throw refusalOf(refusal)
}

/** Asks one thing after the other; what comes behind the welcome is somebody else's. */
class Door {
  readonly #pipe: Pipe
  readonly #clock: Clock
  readonly #peer: ConversationPeer<typeof admission, 'client'>
  #isIn = false
  #settle: { resolve(answer: AdmissionAnswer): void; reject(error: Error): void } | undefined

  constructor({ pipe, clock, onward }: Pick<Parameters<typeof comeIn>[0], 'pipe' | 'clock' | 'onward'>) {
    this.#pipe = pipe
    this.#clock = clock
    const answered = (answer: AdmissionAnswer) => this.#settle?.resolve(answer)
    this.#peer = new ConversationPeer({
      conversation: admission,
      role: 'client',
      watch: new ConversationMonitor(plan),
      write: (message) => pipe.send(encodeAdmission(message)),
    }).on({
      welcome: (answer) => {
        this.#isIn = true
        answered(answer)
      },
      stranger: answered,
      refused: answered,
    })
    pipe.listen({
      message: (message) => (this.#isIn ? onward(message) : this.#hear(message)),
      fault: () => this.#settle?.reject(broken()),
    })
    void pipe.closed.then(() => this.#settle?.reject(gone()))
  }

  async ask(request: AdmissionRequest): Promise<AdmissionAnswer> {
    const { promise, resolve, reject } = Promise.withResolvers<AdmissionAnswer>()
    this.#settle = { resolve, reject }
    const timer = this.#clock.after(answerWithinMs, () => reject(gone()))
    if (this.#pipe.open) this.#peer.say(request)
    else reject(gone())
    try {
      return await promise
    } finally {
      timer.cancel()
    }
  }

  #hear(message: PipeMessage): void {
    try {
      this.#peer.receive(decodeAdmissionAnswer(message))
    } catch (error) {
      if (!(error instanceof ProtocolViolation) && !(error instanceof WireError)) throw error
      this.#settle?.reject(broken())
    }
  }
}

function gone(): ViewError {
  return new ViewError('lost', 'Cannot come in: the connection was lost before the host had answered.')
}

function broken(): ViewError {
  return new ViewError('version', 'Cannot come in: the host answers what nobody asked.')
}

const codes: Readonly<Record<string, ViewErrorCode>> = {
  'invitation-expired': 'expired',
  'invitation-revoked': 'revoked',
  'member-removed': 'revoked',
  'pin-required': 'pin-required',
  'wrong-pin': 'wrong-pin',
  internal: 'busy',
  'too-many-attempts': 'busy',
}

const anotherLink = 'Ask whoever sent it for a new one.'
/** What one can do about it, where the host's own words leave that open. */
const advice: Readonly<Record<string, string>> = {
  'invitation-expired': anotherLink,
  'invitation-revoked': anotherLink,
  'invitation-used-up': anotherLink,
  'invitation-destroyed': anotherLink,
  'too-many-guests': anotherLink,
  'member-removed': 'Ask the owner of the host whether you may come back.',
  'unknown-token': 'See whether the link was copied whole, or ask whoever sent it for a new one.',
  'pin-required': 'Give it with --pin, or run this at a terminal, where it is asked for.',
  'wrong-pin': 'Ask whoever sent the link for the PIN.',
  internal: 'Try again; the log of the host says more.',
}

function refusalOf({ code, message }: Extract<AdmissionAnswer, { type: 'refused' }>): ViewError {
  const said = Object.hasOwn(advice, code) ? `${message.replace(/(?<![.!?])$/, '.')} ${advice[code]}` : message
  return new ViewError(codes[code] ?? 'refused', said, { hostCode: code })
}
