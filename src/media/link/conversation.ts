import { conversation, planConversation } from '../../kernel/monitor/conversation.ts'
import { after, allBut, atMost } from '../../kernel/monitor/order.ts'
import { protocol } from '../../kernel/protocol/protocol.ts'
import { unchecked } from '../../kernel/protocol/schema.ts'
import { speaker, wordsOf } from '../../kernel/protocol/speaker.ts'
import { orderSchema, reportSchema } from './messages.ts'
import type { AudioFrame, StillFrame, VideoFrame, VoiceFrame } from './protocol.ts'

/**
 * What a server and one life of its media process say to each other, behind the hello. The order is that of the process as a
 * whole: which source or rendition a message is about is in its contents. Frames are read by their decoders (`protocol.ts`).
 */
const roles = ['server', 'process'] as const
const server = speaker('server', 'process', { ...wordsOf(orderSchema.options), voice: unchecked<VoiceFrame>() })
const media = speaker('process', 'server', {
  ...wordsOf(reportSchema.options),
  video: unchecked<VideoFrame>(),
  audio: unchecked<AudioFrame>(),
  still: unchecked<StillFrame>(),
})

export const mediaProcess = conversation(
  'media process',
  roles,
  [
    protocol('sources', roles, [server.stream('open-source', 'close-source', 'lines', 'sound', 'speakers')]),
    protocol('what became of sources', roles, [
      media.stream('source-live', 'source-failed', 'source-closed', 'speaking', 'motion'),
    ]),
    protocol('renditions', roles, [server.stream('add-rendition', 'change-rendition', 'remove-rendition', 'keyframe')]),
    protocol('what became of renditions', roles, [media.stream('rendition-open', 'rendition-failed')]),
    protocol('ways to viewer processes', roles, [server.stream('link', 'unlink', 'deliver')]),
    protocol('what became of ways', roles, [media.stream('link-lost')]),
    protocol('wishes for stills', roles, [server.stream('still')]),
    protocol('stills', roles, [media.stream('still', 'no-still')]),
    protocol('units', roles, [media.stream('video', 'audio')]),
    protocol('voices', roles, [server.stream('voice')]),
    protocol('itself', roles, [media.stream('encoders', 'log')]),
  ],
  [
    after(
      { server: ['open-source'] },
      { server: allBut('open-source', 'link', 'unlink'), process: allBut('encoders', 'log', 'link-lost') },
    ),
    after({ server: ['link'] }, { server: ['unlink', 'deliver'], process: ['link-lost'] }),
    after(
      { server: ['add-rendition'] },
      {
        server: ['change-rendition', 'remove-rendition', 'keyframe', 'deliver'],
        process: ['rendition-open', 'rendition-failed', 'video'],
      },
    ),
    after({ server: ['sound'] }, { process: ['audio'] }),
    after({ server: ['speakers'] }, { server: ['voice'], process: ['speaking'] }),
    after({ server: ['still'] }, { process: ['still', 'no-still'] }),
    atMost(1, { process: ['encoders'] }),
  ],
)

export const serverPlan = planConversation(mediaProcess, 'server')
export const processPlan = planConversation(mediaProcess, 'process')
