import { conversation } from '../../kernel/monitor/conversation.ts'
import { after, allBut, last } from '../../kernel/monitor/order.ts'
import { protocol } from '../../kernel/protocol/protocol.ts'
import { decodedWords, speaker } from '../../kernel/protocol/speaker.ts'

/** What Moonlight's clients and a host say to each other; the contents are checked where they are decoded. */
const roles = ['client', 'host'] as const

type Said<Label extends string> = Label extends string ? { readonly type: Label } : never

const client = speaker(
  'client',
  'host',
  decodedWords<
    Said<
      | 'options'
      | 'describe'
      | 'setup-audio'
      | 'setup-video'
      | 'setup-control'
      | 'announce'
      | 'play'
      | 'key-picture'
      | 'invalidate'
      | 'start'
      | 'ping'
      | 'input'
      | 'loss'
      | 'ignored'
    >
  >({
    options: 'decoded',
    describe: 'decoded',
    'setup-audio': 'decoded',
    'setup-video': 'decoded',
    'setup-control': 'decoded',
    announce: 'decoded',
    play: 'decoded',
    'key-picture': 'decoded',
    invalidate: 'decoded',
    start: 'decoded',
    ping: 'decoded',
    input: 'decoded',
    loss: 'decoded',
    ignored: 'decoded',
  }),
)
const host = speaker(
  'host',
  'client',
  decodedWords<Said<'accepted' | 'refused' | 'rumble' | 'hdr' | 'termination'>>({
    accepted: 'decoded',
    refused: 'decoded',
    rumble: 'decoded',
    hdr: 'decoded',
    termination: 'decoded',
  }),
)

/** One request after the other, each on a connection of its own (RTSP); the last one begins the stream. */
const steps = ['options', 'describe', 'setup-audio', 'setup-video', 'setup-control', 'announce', 'play'] as const
const negotiation = protocol(
  'negotiation',
  roles,
  steps.flatMap((step) => [client.says(step), host.says('accepted', 'refused')]),
)

/** What goes over the control stream, under its seal. */
const requests = protocol('requests', roles, [
  client.stream('key-picture', 'invalidate', 'start', 'ping', 'loss', 'ignored'),
])
const input = protocol('input', roles, [client.stream('input')])
const notices = protocol('notices', roles, [host.stream('rumble', 'hdr', 'termination')])

/** From the first request of RTSP to the end of the control stream. */
export const moonlightStream = conversation(
  'moonlight stream',
  roles,
  [negotiation, requests, input, notices],
  [
    after({ client: ['play'] }, { client: allBut(...steps) }),
    after({ client: ['start', 'ping', 'key-picture'] }, { host: ['rumble', 'hdr', 'termination'] }),
    last('host', 'termination'),
  ],
)
