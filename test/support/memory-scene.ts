import { randomBytes } from 'node:crypto'
import { setImmediate as settled } from 'node:timers/promises'
import { createReturnDesk } from '../../src/conversation/return/return-desk.ts'
import { openMemoryGateway, type MemoryArrival } from '../../src/gateway/memory/open-memory-gateway.ts'
import type { MemoryDisplay } from '../../src/host/memory/memory-display.ts'
import { openMemoryHost } from '../../src/host/memory/memory-host.ts'
import { ScriptedProducer } from '../../src/host/memory/scripted-producer.ts'
import { silentLog } from '../../src/kernel/log.ts'
import { ManualClock } from '../../src/kernel/manual-clock.ts'
import type { ContractScene, ContractViewer } from './viewer-contract.ts'
import type { Member } from '../../src/domain/member.ts'

const stepMs = 10
const patienceMs = 10_000

/** The whole of a host in virtual time, with the memory gateway as its way in. */
export async function openMemoryScene(arrival: MemoryArrival = {}): Promise<ContractScene> {
  const clock = new ManualClock()
  const nowUs = () => clock.nowMs() * 1000
  const script = { fps: 60, clock, nowUs }
  const memory = await openMemoryHost({
    clock,
    parts: {
      openProducer: async (id) => new ScriptedProducer(id, script),
      openWaitingRoom: (id) => new ScriptedProducer(id, { ...script, fps: 10, sharedBps: 200_000 }),
    },
  })
  const { host, parts, events } = memory
  const gateway = openMemoryGateway({
    host,
    clock,
    nowUs,
    log: silentLog,
    desk: createReturnDesk({ clock, randomBytes }),
  })
  const step = async () => {
    clock.advance(stepMs)
    await settled()
  }
  let seed = 0
  const connect = async (member: Member, resume?: MemoryArrival['resume']): Promise<ContractViewer> => {
    const connection = await gateway.connect(member, {
      down: { delayUs: 20_000 },
      up: { delayUs: 20_000 },
      ...arrival,
      seed: ++seed,
      ...(resume && { resume }),
    })
    const { client, session } = connection
    let ended = false
    void connection.ended.then(() => (ended = true))
    return {
      sessionId: session.id,
      pictures: client.pictures,
      refusals: connection.refusals,
      get lobbyId() {
        const place = session.place.value
        return place.kind === 'lobby' ? place.lobbyId : undefined
      },
      get ended() {
        return ended
      },
      join: (lobbyId) => void session.join(lobbyId),
      requestKey: () => client.requestKey(),
      press: (code) => client.input({ type: 'key', code, key: code, down: true }),
      lose: (share) => (connection.down.lossRatio = share),
      narrow: (rateBps) => (connection.down.rateBps = rateBps),
      sleep: (asleep) => (client.isAsleep = asleep),
      breakProtocol: () => client.rawInput(Uint8Array.of(250, 1, 2, 3)),
      leave: () => void connection.leave(),
      vanish: () => void connection.cut(),
      back: () => connect(member, { sessionId: session.id, token: connection.resumeToken }),
    }
  }
  return {
    host,
    display: () => [...parts.displays].at(-1) as MemoryDisplay,
    observed: (sessionId) =>
      events.flatMap((event) =>
        event.type === 'SessionObserved' && event.sessionId === sessionId ? [event.observation] : [],
      ),
    arrive: (member) => connect(member),
    async until(what, condition) {
      await settled()
      for (let passedMs = 0; !condition(); passedMs += stepMs) {
        if (passedMs > patienceMs) throw new Error(`Not within ${patienceMs} ms of virtual time: ${what}`)
        await step()
      }
    },
    async pass(durationMs) {
      for (let passedMs = 0; passedMs < durationMs; passedMs += stepMs) await step()
    },
    async [Symbol.asyncDispose]() {
      await gateway.close()
      await memory[Symbol.asyncDispose]()
    },
  }
}
