import type { InputMessage } from '../../domain/input-event.ts'
import { pointWithin } from '../../domain/letterbox.ts'
import { sameSize } from '../../domain/size.ts'
import type { RenditionInfo } from '../../media/contract/producer.ts'

/** What a player meant who points at a picture with black bars: positions are fractions of the lobby's screen then. */
export function asSeen(
  event: InputMessage,
  seen: Pick<RenditionInfo, 'width' | 'height' | 'content'> | undefined,
): InputMessage {
  if (!seen || sameSize(seen.content, seen) || !('x' in event)) return event
  const { x, y } = event
  return x === undefined || y === undefined ? event : { ...event, ...pointWithin(seen.content, seen, x, y) }
}
