import { conversation } from '../../kernel/monitor/conversation.ts'
import { after } from '../../kernel/monitor/order.ts'
import { protocol } from '../../kernel/protocol/protocol.ts'
import { decodedWords, speaker } from '../../kernel/protocol/speaker.ts'
import type { ClientMediaMessage } from './client-media-message.ts'
import type { HostMediaMessage } from './host-media-message.ts'

/**
 * What may be said when on the media socket. The contents are checked by the codecs; the order within a picture is
 * checked where it is put together.
 */
const roles = ['client', 'host'] as const
const client = speaker(
  'client',
  'host',
  decodedWords<ClientMediaMessage>({
    receipt: 'decoded',
    'want-key': 'decoded',
    keys: 'decoded',
    pointer: 'decoded',
    voice: 'decoded',
  }),
)
const host = speaker(
  'host',
  'client',
  decodedWords<HostMediaMessage>({
    picture: 'decoded',
    part: 'decoded',
    sound: 'decoded',
    pointers: 'decoded',
    padding: 'decoded',
  }),
)

export const webMedia = conversation(
  'web media',
  roles,
  [
    protocol('pictures', roles, [host.stream('picture', 'part')]),
    protocol('sound', roles, [host.stream('sound')]),
    protocol('pointers', roles, [host.stream('pointers')]),
    // It means nothing, and is acknowledged like everything else.
    protocol('padding', roles, [host.stream('padding')]),
    protocol('feedback', roles, [client.stream('receipt', 'want-key')]),
    protocol('input', roles, [client.stream('keys', 'pointer')]),
    protocol('voice', roles, [client.stream('voice')]),
  ],
  [
    // Nothing is continued before it was begun, and nothing acknowledged before it came.
    after({ host: ['picture'] }, { host: ['part'] }),
    after({ host: ['picture', 'sound', 'pointers', 'padding'] }, { client: ['receipt'] }),
  ],
)
