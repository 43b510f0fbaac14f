import type { Clock } from '../../kernel/clock.ts'
import type { PeerReport } from '../../party/contract/party-membership.ts'
import type { PartyManager } from '../../party/manager/party-manager.ts'

const roundMs = 15_000
const firstMs = 2000
/** Peers that are asked in one round; the others are asked in the next ones. */
const mostAtOnce = 32

/**
 * Measures how long an answer from each peer takes, while nobody who carries traffic there does: straight to its page where that is
 * reached, else by way of the control plane.
 */
export function openLatencyRounds(options: {
  readonly manager: Pick<PartyManager, 'peers' | 'onChange' | 'probed'>
  /** The round trip to a peer's page; undefined where it is not reached. */
  readonly knock: (peerId: string) => Promise<number | undefined>
  /** The round trip by the control plane. Rejects where none comes back. */
  readonly ping: (peerId: string) => Promise<number>
  readonly clock: Clock
}): Disposable {
  const { manager, knock, ping, clock } = options
  let next = 0
  const measure = async (peerId: string): Promise<void> => {
    manager.probed(peerId, await reportOn(peerId).catch(() => nothing))
  }
  const reportOn = async (peerId: string): Promise<PeerReport> => {
    const straightMs = await knock(peerId)
    if (straightMs !== undefined) {
      return { connectionType: 'direct', latencyMs: straightMs, reason: 'Its page is reached from here' }
    }
    const latencyMs = await ping(peerId)
    return { connectionType: 'relayed', latencyMs, reason: 'Its page is not reached from here: by the control plane' }
  }
  const round = () => {
    const peers = manager.peers()
    const from = peers.length === 0 ? 0 : next % peers.length
    const turn = [...peers, ...peers].slice(from, from + Math.min(mostAtOnce, peers.length))
    next += turn.length
    for (const { id } of turn) void measure(id)
  }
  const timer = clock.every(roundMs, round)
  let known: ReadonlySet<string> = new Set()
  // Who has come is measured as soon as they have told where they are.
  const unsubscribe = manager.onChange(() => {
    const before = known
    known = new Set(manager.peers().map(({ id }) => id))
    for (const id of known) if (!before.has(id)) clock.after(firstMs, () => void measure(id))
  })
  return {
    [Symbol.dispose]() {
      timer.cancel()
      unsubscribe()
    },
  }
}

const nothing: PeerReport = { connectionType: 'failed', latencyMs: null, reason: 'No answer came back' }
