import type { LaneHandlers, Speech } from '../../src/conversation/contract/lane.ts'
import { ConversationMonitor, planConversation } from '../../src/kernel/monitor/conversation.ts'
import type { ClientMessage, ServerMessage } from '../../src/wire/signal/messages.ts'
import { signalling } from '../../src/wire/signal/protocol.ts'

/** What a lane says, and what it is told, in a conversation that has been greeted: whatever breaks the protocol throws. */
export function heldToSignalling() {
  const monitor = new ConversationMonitor(planConversation(signalling, 'host'))
  monitor.sent('ready')
  const said: ServerMessage[] = []
  const speech: Speech = {
    may: (label) => monitor.may('sent', label),
    say(message) {
      monitor.sent(message.type)
      said.push(message)
    },
  }
  const hear = (label: ClientMessage['type']) => monitor.received(label)
  /** The client says this to a lane. Resolves when the lane has done with it. */
  const tell = async (
    lane: { readonly handlers: Partial<LaneHandlers<ClientMessage['type']>> },
    message: ClientMessage,
  ) => {
    hear(message.type)
    await lane.handlers[message.type]?.(message as never)
  }
  return { speech, said, hear, tell }
}
