import { conversation } from '../../kernel/monitor/conversation.ts'
import { again, branch, choice, loop, message } from '../../kernel/protocol/notation.ts'
import { protocol } from '../../kernel/protocol/protocol.ts'
import { unchecked } from '../../kernel/protocol/schema.ts'
import type { ClientMediaMessage } from './client-media-message.ts'
import type { HostMediaMessage } from './host-media-message.ts'

/**
 * What may be said when on the media socket. The contents are checked by the codecs; the order within a picture is
 * checked where it is put together.
 */
const roles = ['client', 'host'] as const

function said<Type extends ClientMediaMessage['type']>(_type: Type) {
  return unchecked<Extract<ClientMediaMessage, { type: Type }>>()
}
function told<Type extends HostMediaMessage['type']>(_type: Type) {
  return unchecked<Extract<HostMediaMessage, { type: Type }>>()
}

/** Nothing is continued before it was begun. */
const pictures = protocol('pictures', roles, [
  message('host', 'client', 'picture', told('picture')),
  loop('pictures', [
    choice('host', 'client', {
      picture: branch(told('picture'), [again('pictures')]),
      part: branch(told('part'), [again('pictures')]),
    }),
  ]),
])

const sound = protocol('sound', roles, [
  loop('sound', [message('host', 'client', 'sound', told('sound')), again('sound')]),
])

const pointers = protocol('pointers', roles, [
  loop('pointers', [message('host', 'client', 'pointers', told('pointers')), again('pointers')]),
])

/** It means nothing, and is told of in receipts like everything else. */
const padding = protocol('padding', roles, [
  loop('padding', [message('host', 'client', 'padding', told('padding')), again('padding')]),
])

const feedback = protocol('feedback', roles, [
  loop('feedback', [
    choice('client', 'host', {
      receipt: branch(said('receipt'), [again('feedback')]),
      'want-key': branch(said('want-key'), [again('feedback')]),
    }),
  ]),
])

const input = protocol('input', roles, [
  loop('input', [
    choice('client', 'host', {
      keys: branch(said('keys'), [again('input')]),
      pointer: branch(said('pointer'), [again('input')]),
    }),
  ]),
])

const voice = protocol('voice', roles, [
  loop('voice', [message('client', 'host', 'voice', said('voice')), again('voice')]),
])

export const webMedia = conversation('web media', roles, [pictures, sound, pointers, padding, feedback, input, voice])
