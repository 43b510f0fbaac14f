import { seededRandom } from '../../../src/kernel/seeded-random.ts'
import type { FuzzTarget } from './fuzzed-conversation.ts'
import { FuzzLine } from './fuzz-line.ts'

export interface SideFuzzOutcome {
  readonly sent: number
  readonly received: number
  /** What the server did that it should not have; empty when all was right. */
  readonly complaints: readonly string[]
}

/**
 * A session that is lost and comes back again and again, by connections that are cut or still stand: the newest token gets it,
 * once, and a token that was used, or that is none, never does.
 */
export async function fuzzReturn(target: FuzzTarget, seed: number): Promise<SideFuzzOutcome> {
  const random = seededRandom(seed)
  const pick = (below: number) => Math.floor(random() * below)
  const complaints: string[] = []
  const lines: FuzzLine[] = []
  const dial = () => {
    const line = new FuzzLine(target)
    lines.push(line)
    return line
  }
  let line = dial()
  const ready = await line.answer('ready')
  let ticket = ready && { sessionId: ready.id, resumeToken: ready.resumeToken ?? '' }
  let used = ''
  for (let left = 2 + pick(5); ticket && left > 0; left--) {
    if (pick(2) === 0) line.say({ type: 'join', lobbyId: target.lobbyId })
    // The next token is known to have arrived by what is said then, and the one before is good no more.
    line.say({ type: 'limit', bitrateBps: 0 })
    if (!(await line.stands())) complaints.push('a connection did not stand')
    if (pick(3) > 0) line.cut()
    const way = pick(4)
    const { sessionId } = ticket
    if (way === 0 || (way === 1 && used !== '')) {
      const stranger = dial()
      await stranger.answer('ready')
      stranger.say({ type: 'reconnect', sessionId, resumeToken: way === 0 ? 'forged' : used })
      const refused = await stranger.answer('reconnect-ack')
      if (refused?.success !== false)
        complaints.push(`a ${way === 0 ? 'forged' : 'used'} token was answered with ${refused?.success}`)
      stranger.cut()
    }
    const back = dial()
    await back.answer('ready')
    back.say({ type: 'reconnect', ...ticket })
    const ack = await back.answer('reconnect-ack')
    if (ack?.success !== true || ack.sessionId !== sessionId) {
      complaints.push(`a session did not come back: ${JSON.stringify(ack)}, closed with ${back.closeCode}`)
      break
    }
    used = ticket.resumeToken
    ticket = { sessionId, resumeToken: ack.resumeToken ?? '' }
    line = back
  }
  line.say({ type: 'bye' })
  const code = await line.ended()
  if (code !== 1000) complaints.push(`a goodbye was answered with ${code}`)
  for (const each of lines) each.cut()
  const sum = (count: (line: FuzzLine) => number) => lines.reduce((all, each) => all + count(each), 0)
  return { sent: sum((each) => each.sent), received: sum((each) => each.heard.length), complaints }
}
