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

const pairingSteps = ['begin', 'challenge', 'answer', 'prove'] as const
const pairingClient = speaker(
  'client',
  'host',
  decodedWords<Said<(typeof pairingSteps)[number]>>({
    begin: 'decoded',
    challenge: 'decoded',
    answer: 'decoded',
    prove: 'decoded',
  }),
)
const pairingHost = speaker(
  'host',
  'client',
  decodedWords<Said<'accepted' | 'refused'>>({ accepted: 'decoded', refused: 'decoded' }),
)

/**
 * How a client and a host prove to each other that both know the PIN: each step is a request of HTTP, and follows the answer to the one
 * before. The answer to the first one comes when the PIN was typed. What is refused is over.
 */
export const moonlightPairing = conversation(
  'moonlight pairing',
  roles,
  [
    protocol(
      'proof',
      roles,
      pairingSteps.flatMap((step) => [pairingClient.says(step), pairingHost.says('accepted', 'refused')]),
    ),
  ],
  [last('host', 'refused')],
)
