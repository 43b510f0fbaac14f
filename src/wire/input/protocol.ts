import { conversation } from '../../kernel/monitor/conversation.ts'
import { protocol } from '../../kernel/protocol/protocol.ts'
import { decodedWords, speaker } from '../../kernel/protocol/speaker.ts'
import type { InputMessage } from '../../domain/input-event.ts'
import type { PointerBatch } from '../../domain/player.ts'

/**
 * What the two input channels carry. All of it may come at any time, so there is no order that anybody could break, and no
 * monitor is run: the decoders know the words of each channel and its direction, and refuse others.
 */
const roles = ['client', 'host'] as const
const onKeys = speaker(
  'client',
  'host',
  decodedWords<InputMessage>({
    key: 'decoded',
    text: 'decoded',
    button: 'decoded',
    wheel: 'decoded',
    'release-all': 'decoded',
    pointer: 'decoded',
    'pointer-relative': 'decoded',
    gamepad: 'decoded',
    'gamepad-connect': 'decoded',
    'gamepad-disconnect': 'decoded',
  }),
)

/** Ordered and reliable. */
export const keysWire = conversation('keys channel', roles, [
  protocol('keys', roles, [onKeys.stream('key', 'text', 'button', 'wheel', 'release-all')]),
  protocol('motion', roles, [onKeys.stream('pointer', 'pointer-relative')]),
  protocol('gamepads', roles, [onKeys.stream('gamepad-connect', 'gamepad', 'gamepad-disconnect')]),
])

type Motion = Extract<InputMessage, { readonly type: 'pointer' | 'pointer-relative' | 'gamepad' }>
const onPointer = speaker(
  'client',
  'host',
  decodedWords<Motion>({ pointer: 'decoded', 'pointer-relative': 'decoded', gamepad: 'decoded' }),
)
const others = speaker(
  'host',
  'client',
  decodedWords<PointerBatch & { readonly type: 'pointers' }>({ pointers: 'decoded' }),
)

/** Datagrams: what is lost or late is not missed, since each says all that counts. */
export const pointerWire = conversation('pointer channel', roles, [
  protocol('motion', roles, [onPointer.stream('pointer', 'pointer-relative', 'gamepad')]),
  protocol('where others point', roles, [others.stream('pointers')]),
])
