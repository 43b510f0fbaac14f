import { ConversationMonitor, planConversation } from '../../kernel/monitor/conversation.ts'
import type { ByteStream } from '../../net/streams/byte-stream.ts'
import { decodeLookAnswer, encodeLook, lobbyLooking, type Look } from '../../wire/party/look.ts'
import { encodeFramed, mostSharedDatagramBytes } from '../../wire/party/share.ts'
import type { FramedReader } from './framed-reader.ts'
import { ShareError } from './share-error.ts'

/** What is seen of a lobby from elsewhere: a small JPEG with what it is known by, or why there is none. */
export type SeenLobby =
  | { readonly type: 'picture'; readonly tag: string; readonly jpeg: Uint8Array }
  | { readonly type: 'unchanged' | 'nothing' | 'refused' }

/** How a lobby looks to a member; for what is not for that one it answers `refused`. */
export type ShowLobby = (peerId: string, look: { lobbyId: string; tag: string | undefined }) => Promise<SeenLobby>

const memberPlan = planConversation(lobbyLooking, 'member')
const sharerPlan = planConversation(lobbyLooking, 'sharer')

/** Asks by a stream of its own. Rejects with ShareError `violation`, a WireError, or what the stream throws. */
export async function lookInto(
  stream: ByteStream,
  reader: FramedReader,
  { lobbyId: lobby, tag }: { lobbyId: string; tag: string | undefined },
): Promise<SeenLobby> {
  const monitor = new ConversationMonitor(memberPlan)
  monitor.sent('look')
  await stream.write(encodeLook({ type: 'look', lobby, ...(tag !== undefined && { tag }) }))
  const said = await reader.message()
  if (!said) throw new ShareError('violation', 'A member has nothing to say of a lobby')
  const answer = decodeLookAnswer(said)
  monitor.received(answer.type)
  if (answer.type !== 'picture') return { type: answer.type }
  const jpeg = await reader.message()
  if (!jpeg) throw new ShareError('violation', 'A member speaks of a picture and sends none')
  return { ...answer, jpeg }
}

/** The other end: says how that lobby looks. */
export async function showLobby(
  { lobby: lobbyId, tag }: Look,
  { stream, peerId, show }: { stream: ByteStream; peerId: string; show: ShowLobby },
): Promise<void> {
  const monitor = new ConversationMonitor(sharerPlan)
  monitor.received('look')
  const seen = await show(peerId, { lobbyId, tag })
  const answer =
    seen.type === 'picture' && seen.jpeg.length > mostSharedDatagramBytes ? ({ type: 'nothing' } as const) : seen
  monitor.sent(answer.type)
  stream.isBulk = true
  if (answer.type === 'picture') {
    await stream.write(encodeLook({ type: 'picture', tag: answer.tag }))
    await stream.write(encodeFramed(answer.jpeg))
  } else {
    await stream.write(encodeLook({ type: answer.type }))
  }
  await stream.finish()
}
