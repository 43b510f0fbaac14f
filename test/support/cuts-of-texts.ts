import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import { seededRandom } from '../../src/kernel/seeded-random.ts'
import { CuttingProxy, type Loss } from './cutting-proxy.ts'
import { eventually } from './eventually.ts'
import { importClient } from './import-client.ts'
import type { LobbyMachine } from './lobby-machine.ts'
import type { RunningPorchlight } from './running-porchlight.ts'

const losses: readonly Loss[] = ['nothing', 'to host', 'to client']

/**
 * Says texts to a lobby with a terminal, and types others, over a connection that is cut so many times, with what was on its way lost or
 * not. Rejects unless all of them arrive exactly once and in order. Resolves with how many there were.
 */
export async function cutTexts(
  house: RunningPorchlight,
  machine: LobbyMachine,
  { cuts, seed }: { readonly cuts: number; readonly seed: number },
): Promise<{ said: number; typed: number }> {
  const random = seededRandom(seed)
  const { lobbyId } = machine
  const { token } = await house.invite(lobbyId, 'player')
  await using proxy = await CuttingProxy.open(house.port)
  const { PorchlightClient } = await importClient()
  const reconnection = { maxRetries: Infinity, baseDelayMs: 5, maxDelayMs: 20 }
  const open = (port: number) =>
    new PorchlightClient({ signallingUrl: `ws://127.0.0.1:${port}/?invite=${token}`, media: 'none', reconnection })
  await using reader = open(house.port)
  await using writer = open(proxy.port)
  const heard: string[] = []
  const resumed: boolean[] = []
  reader.on('text', ({ text }) => heard.push(text))
  writer.on('session', ({ historyRecovered }) => resumed.push(historyRecovered))
  await Promise.all([reader.start({ lobbyId }), writer.start({ lobbyId })])
  await writer.typeText('stty -echo; cat > typed\n')
  await machine.textOf('terminal', 'typed')

  const said: string[] = []
  const typed: string[] = []
  const settled: Promise<void>[] = []
  for (let cut = 0; cut < cuts; cut++) {
    proxy.lose(losses[Math.trunc(random() * losses.length)] ?? 'nothing')
    for (let count = Math.trunc(random() * 4); count >= 0; count--) {
      const text = `${cut}.${count}`
      if (random() < 0.5) {
        said.push(text)
        settled.push(writer.sendText(text))
      } else {
        typed.push(text)
        settled.push(writer.typeText(`${text}\n`))
      }
      if (random() < 0.3) await pause(random() * 4)
    }
    proxy.cut()
    await eventually(
      () => resumed.length,
      (greetings) => greetings === cut + 2,
      { what: `a connection after cut ${cut}` },
    )
  }
  await Promise.all(settled)
  assert.deepEqual(heard, said)
  const wanted = `${typed.join('\n')}\n`
  assert.equal(await machine.textOf('terminal', 'typed', (text) => text.length >= wanted.length), wanted)
  assert.deepEqual(writer.outbox.value, [])
  assert.ok(resumed.slice(1).every((isRecovered) => isRecovered))
  return { said: said.length, typed: typed.length }
}
