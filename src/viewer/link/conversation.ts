import { conversation, planConversation } from '../../kernel/monitor/conversation.ts'
import { after, allBut } from '../../kernel/monitor/order.ts'
import { protocol } from '../../kernel/protocol/protocol.ts'
import { unchecked } from '../../kernel/protocol/schema.ts'
import { speaker, wordsOf } from '../../kernel/protocol/speaker.ts'
import type { AccessUnit, AudioUnit } from '../../media/contract/access-unit.ts'
import { orderSchema, reportSchema } from './messages.ts'
import type {
  Addressed,
  InputFrame,
  MessageFrame,
  PacketFrame,
  StreamFrame,
  TextFrame,
  VoiceFrame,
} from './protocol.ts'

/**
 * What a server and one life of its viewer process say to each other, behind the hello. The order is that of the process as a
 * whole: which viewers a message is about is in its contents. Frames are read by their decoders (`protocol.ts`).
 */
const roles = ['server', 'process'] as const
const server = speaker('server', 'process', {
  ...wordsOf(orderSchema.options),
  video: unchecked<Addressed<AccessUnit>>(),
  audio: unchecked<Addressed<AudioUnit>>(),
  pointers: unchecked<Addressed<Uint8Array>>(),
  message: unchecked<MessageFrame>(),
  packet: unchecked<PacketFrame>(),
  stream: unchecked<StreamFrame>(),
})
const viewers = speaker('process', 'server', {
  ...wordsOf(reportSchema.options),
  voice: unchecked<VoiceFrame>(),
  input: unchecked<InputFrame>(),
  text: unchecked<TextFrame>(),
  message: unchecked<MessageFrame>(),
  packet: unchecked<PacketFrame>(),
  stream: unchecked<StreamFrame>(),
})

export const viewerProcess = conversation(
  'viewer process',
  roles,
  [
    protocol('port', roles, [server.says('begin'), viewers.says('begun', 'port-refused')]),
    protocol('viewers', roles, [
      server.stream('open', 'open-moonlight', 'open-native', 'streams', 'candidate', 'rumble', 'limit', 'close'),
    ]),
    protocol('units', roles, [server.stream('video', 'audio', 'pointers')]),
    protocol('who gets what comes at the inlet', roles, [server.stream('route', 'halt')]),
    protocol('connections', roles, [
      viewers.stream('described', 'recognised', 'local-candidate', 'gathered', 'opened', 'ended', 'fault', 'recording'),
    ]),
    protocol('channels', roles, [viewers.stream('channel', 'channel-over')]),
    protocol('ends of channels', roles, [server.stream('end-channel')]),
    protocol('messages to channels', roles, [server.stream('message')]),
    protocol('messages of channels', roles, [viewers.stream('message')]),
    protocol('ways to this host', roles, [server.stream('reach-signal', 'reach-tunnel', 'end-reach', 'packet')]),
    protocol('ways from this host', roles, [viewers.stream('reach-signal', 'reach-over', 'packet')]),
    protocol('requests to channels', roles, [server.stream('stream')]),
    protocol('requests of channels', roles, [viewers.stream('stream')]),
    protocol('what the path carries', roles, [
      viewers.stream('bitrate', 'keyframe', 'resync', 'observed', 'statistics'),
    ]),
    protocol('what viewers send', roles, [viewers.stream('voice', 'input', 'text')]),
    protocol('itself', roles, [viewers.stream('tally', 'stuck', 'log')]),
  ],
  [
    after({ process: ['begun'] }, { server: allBut('begin') }),
    after(
      { server: ['open', 'open-moonlight', 'open-native'] },
      {
        server: ['streams', 'candidate', 'rumble', 'limit', 'close', 'video', 'audio', 'pointers', 'route', 'halt'],
        process: allBut(
          'begun',
          'port-refused',
          'tally',
          'stuck',
          'log',
          'channel',
          'channel-over',
          'message',
          'reach-signal',
          'reach-over',
          'packet',
          'stream',
        ),
      },
    ),
    after(
      { process: ['channel'] },
      { server: ['open-native', 'end-channel', 'message', 'stream'], process: ['channel-over', 'message', 'stream'] },
    ),
    after(
      { server: ['reach-signal'] },
      { server: ['reach-tunnel', 'end-reach', 'packet'], process: ['reach-signal', 'reach-over', 'packet'] },
    ),
    after({ process: ['opened'] }, { process: ['statistics', 'bitrate'] }),
  ],
)

export const serverPlan = planConversation(viewerProcess, 'server')
export const processPlan = planConversation(viewerProcess, 'process')
