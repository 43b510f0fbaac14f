import type { Member } from '../../domain/member.ts'
import type { Clock } from '../../kernel/clock.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import type { Log } from '../../kernel/log.ts'
import { ConversationMonitor, planConversation } from '../../kernel/monitor/conversation.ts'
import { ConversationPeer } from '../../kernel/monitor/conversation-peer.ts'
import { ProtocolViolation } from '../../kernel/monitor/protocol-violation.ts'
import type { Pipe, PipeMessage } from '../../kernel/pipe.ts'
import { admission, decodeAdmissionRequest, encodeAdmission } from '../../wire/native/admission.ts'
import { WireError } from '../../wire/wire-error.ts'
import type { Introduction, KeyDoor } from './contract/key-door.ts'

const plan = planConversation(admission, 'host')
/** A person may have to type a PIN. */
const withinMs = 120_000
/** Of one channel; a client that needs more begins anew. */
const mostTries = 20

export interface AdmissionOptions {
  /** The first pipe of the channel: nothing else is said on it before. */
  readonly pipe: Pipe
  /** The key that the channel has proved. */
  readonly publicKey: Uint8Array
  /** Where it comes from, by which tries are limited. */
  readonly origin: string
  readonly door: KeyDoor
  readonly clock: Clock
  readonly log: Log
  /** Hears each time that it is told no, of which there may be several: a PIN is tried again. */
  readonly onRefusal?: (code: string) => void
}

/** Who was let in, and for what. */
export interface Admission {
  readonly member: Member
  readonly wants: 'session' | 'requests'
}

/** Why nobody was let in. */
export interface AdmissionFault {
  readonly code: 'left' | 'too-late' | 'too-many-tries' | 'protocol-violation' | WireError['code']
  readonly message: string
  /** What it was told last before: why it left. */
  readonly refusal?: { readonly code: string; readonly message: string }
}

/** Asks who comes by a channel until it is known, or the pipe ends: the host's end of `admission`. Never rejects. */
export function admit(options: AdmissionOptions): Promise<Admission | AdmissionFault> {
  const { pipe, publicKey, origin, door, clock, log, onRefusal = () => {} } = options
  const { promise, resolve } = Promise.withResolvers<Admission | AdmissionFault>()
  const peer = new ConversationPeer({
    conversation: admission,
    role: 'host',
    watch: new ConversationMonitor(plan),
    write: (message) => pipe.send(encodeAdmission(message)),
  })
  let tries = 0
  let isDone = false
  let refusal: AdmissionFault['refusal']
  const settle = (outcome: Admission | AdmissionFault) => {
    isDone = true
    timer.cancel()
    resolve(isAdmitted(outcome) || !refusal ? outcome : { ...outcome, refusal })
  }
  const refuse = (code: string, message: string) => {
    refusal = { code, message }
    onRefusal(code)
    peer.send('refused', refusal)
  }
  const timer = clock.after(withinMs, () => settle({ code: 'too-late', message: 'It did not say who it is in time' }))
  const welcome = (member: Member, wants: Admission['wants']) => {
    const { id: memberId, name, role, lobbies } = member
    const [lobbyId = null] = lobbies === 'all' || lobbies.length > 1 ? [] : lobbies
    peer.send('welcome', { memberId, name, role, lobbyId })
    settle({ member, wants })
  }
  const ask = async (question: () => Promise<void>) => {
    try {
      await question()
    } catch (error) {
      log.error('A device could not be let in', { error: messageOf(error) })
      if (!isDone) refuse('internal', 'The host failed to look this up')
    }
  }
  const introduce = (introduction: Introduction, device: string, wants: Admission['wants'] = 'session') =>
    ask(async () => {
      const introduced = await door.introduce({ publicKey, origin, device, introduction })
      if (isDone) return
      if (introduced.ok) welcome(introduced.member, wants)
      else refuse(introduced.code, introduced.message)
    })
  peer.on({
    knock: ({ wants = 'session' }) =>
      void ask(async () => {
        const member = await door.knock(publicKey)
        if (isDone) return
        if (member) welcome(member, wants)
        else peer.send('stranger')
      }),
    redeem: ({ device, wants, ...introduction }) => void introduce(introduction, device, wants),
    prove: ({ device, wants, ...introduction }) => void introduce(introduction, device, wants),
  })
  const hear = (message: PipeMessage) => {
    // What comes behind the welcome is for whoever listens then.
    if (isDone) return
    if (++tries > mostTries) return settle({ code: 'too-many-tries', message: 'It tried too often to come in' })
    try {
      peer.receive(decodeAdmissionRequest(message))
    } catch (error) {
      if (error instanceof ProtocolViolation) settle({ code: 'protocol-violation', message: error.message })
      else if (error instanceof WireError) settle({ code: error.code, message: error.message })
      else throw error
    }
  }
  pipe.listen({ message: hear, fault: (code, message) => settle({ code, message }) })
  void pipe.closed.then(({ reason }) => {
    settle({ code: 'left', message: `It left before it was let in${reason ? `: ${reason}` : ''}` })
  })
  return promise
}

export function isAdmitted(outcome: Admission | AdmissionFault): outcome is Admission {
  return 'member' in outcome
}
