import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ClientError } from './contract/client-error.ts'
import type { ClientEnvironment } from './environment/environment.ts'
import { PorchlightClient } from './porchlight-client.ts'
import { ConversationMonitor, planConversation } from '../kernel/monitor/conversation.ts'
import { seededRandom } from '../kernel/seeded-random.ts'
import type { ServerMessage } from '../wire/signal/messages.ts'
import { signalling } from '../wire/signal/protocol.ts'
import { ScriptedHost, settle, type ScriptedSocket } from '../../test/support/scripted-host.ts'
import { HostWords } from '../../test/support/fuzz/host-words.ts'

const plan = planConversation(signalling, 'host')

/** One signalling connection as its host sees it. */
interface Line {
  readonly socket: ScriptedSocket
  readonly monitor: ConversationMonitor
  /** How many of the client's messages the host has taken. */
  taken: number
  /** Said by the host, and still under way. */
  readonly underWay: ServerMessage[]
  /** The last that it was brought. */
  through: number
  isOpen: boolean
  isReady: boolean
}

interface FuzzedClient {
  /** What the client did that it should not have; empty when all was right. */
  readonly complaints: readonly string[]
  readonly taken: number
  readonly said: number
  readonly connections: number
}

/**
 * The real client against a host that says whatever the declaration allows, in virtual time: what crosses is under way for as long as
 * chance has it, connections are cut, media comes and goes. The client is held to the protocol all the while; in the end the host
 * says something wrong, which has to end it there, or the client is closed, which has to leave nothing behind.
 */
async function fuzzClient(seed: number, steps: number): Promise<FuzzedClient> {
  const random = seededRandom(seed)
  return await new Fuzzed((below) => Math.floor(random() * below)).run(steps)
}

class Fuzzed {
  readonly #pick: (below: number) => number
  readonly #host = new ScriptedHost()
  readonly #words: HostWords
  readonly #client: PorchlightClient
  readonly #lines: Line[] = []
  readonly #complaints: string[] = []
  #taken = 0
  #said = 0

  constructor(pick: (below: number) => number) {
    this.#pick = pick
    this.#words = new HostWords(pick)
    this.#client = new PorchlightClient({
      signallingUrl: 'ws://host/api/v1/signal',
      token: 'secret',
      reconnection: { maxRetries: Infinity },
      environment: this.#host.environment as unknown as ClientEnvironment,
    })
  }

  async run(steps: number): Promise<FuzzedClient> {
    const unhandled = (reason: unknown) => this.#complaints.push(`it left a rejection to nobody: ${String(reason)}`)
    process.on('unhandledRejection', unhandled)
    this.#do(() => this.#client.start({ lobbyId: 'games' }))
    for (let step = 0; step < steps && this.#complaints.length === 0; step++) {
      await this.#step()
      await settle()
      if (this.#client.state === 'failed') this.#complaints.push(`it gave up: ${String(this.#client.cause)}`)
    }
    if (this.#complaints.length === 0) await (this.#pick(3) === 0 ? this.#leave() : this.#breakIt())
    await this.#client.close()
    await settle()
    if (this.#host.clock.pending > 0) this.#complaints.push(`it left ${this.#host.clock.pending} timers behind`)
    process.off('unhandledRejection', unhandled)
    const { length: connections } = this.#lines
    return { complaints: this.#complaints, taken: this.#taken, said: this.#said, connections }
  }

  async #step(): Promise<void> {
    for (const socket of this.#host.sockets.slice(this.#lines.length)) {
      const monitor = new ConversationMonitor(plan)
      this.#lines.push({ socket, monitor, taken: 0, underWay: [], through: 0, isOpen: false, isReady: false })
    }
    const live = this.#lines.filter(({ socket }) => !socket.closed)
    const line = live.at(-1)
    const kind = this.#pick(40)
    if (kind < 6) this.#host.clock.advance(this.#pick(kind === 0 ? 4000 : 200))
    else if (kind < 10) this.#act()
    else if (kind === 10) this.#media()
    else if (line && !line.isOpen) this.#open(line)
    else if (line && kind === 11 && this.#pick(4) === 0) this.#cut(line)
    else if (line && kind < 20) this.#take(line)
    else if (line && kind < 28) this.#say(line)
    else if (line) this.#deliver(line)
  }

  #open(line: Line): void {
    line.isOpen = true
    line.socket.open()
  }

  #cut(line: Line): void {
    line.socket.closed = true
    line.socket.drop(1006)
  }

  /** The host takes the next message of the client, which has to be one that may come now. */
  #take(line: Line): void {
    const message = line.socket.heard[line.taken]
    if (!message) return
    line.taken++
    this.#taken++
    if (message.type === 'deliver') line.through = message.deliveries.at(-1)?.sequence ?? line.through
    try {
      line.monitor.received(message.type)
    } catch (error) {
      this.#complaints.push(`the client broke the protocol: ${String(error)}`)
    }
  }

  #say(line: Line): void {
    const allowed = line.monitor.expected.filter(({ direction }) => direction === 'sent')
    const { label } = allowed[this.#pick(allowed.length)] ?? {}
    if (label === undefined) return
    const message = this.#words.make(label as ServerMessage['type'], line)
    line.monitor.sent(message.type)
    line.underWay.push(message)
    this.#said++
  }

  #deliver(line: Line): void {
    const message = line.underWay.shift()
    if (!message || line.socket.closed) return
    if (message.type === 'ready') line.isReady = true
    line.socket.say(message)
  }

  #media(): void {
    const { peers } = this.#host
    const peer = peers.at(-1)
    if (!peer) return
    if (peer.connectionState === 'new' && peer.remoteDescription) peer.connect()
    else if (this.#pick(3) === 0) peer.become('failed')
  }

  /** Whoever uses the client does something. */
  #act(): void {
    const client = this.#client
    const acts: (() => unknown)[] = [
      () => client.sendText('hello'),
      () => client.typeText('ls'),
      () => client.join(this.#pick(2) === 0 ? 'games' : 'desk'),
      () => client.leave(),
      () => client.limit(this.#pick(1e6)),
      () => client.changeSeat('keyboard-mouse', { do: 'request' }),
      () => client.askToPlay(this.#pick(2) === 0),
      () => client.clipboard.write('text'),
      () => client.send({ type: 'pointer', x: 0.5, y: 0.5 }),
      () => client.tryNow(),
      () => this.#host.wake(),
    ]
    this.#do(acts[this.#pick(acts.length)] ?? (() => {}))
  }

  /** What cannot be done is a ClientError, said or rejected. */
  #do(act: () => unknown): void {
    const judge = (error: unknown) => {
      if (!(error instanceof ClientError)) this.#complaints.push(`an act ended with ${String(error)}`)
    }
    try {
      const done = act()
      if (done instanceof Promise) done.catch(judge)
    } catch (error) {
      judge(error)
    }
  }

  /** A host says something wrong: the client ends there, and takes nothing that stands behind it. */
  async #breakIt(): Promise<void> {
    const line = this.#lines.findLast(({ socket, isReady }) => isReady && !socket.closed)
    if (!line) return
    while (line.underWay.length > 0) this.#deliver(line)
    await settle()
    if (line.socket.closed || line.socket !== this.#host.socket) return
    const before = this.#client.role
    const wrong: (() => void)[] = [
      () => line.socket.say(this.#words.make('ready', line)),
      () => line.socket.hear('{"type":"sudo"}'),
      () => line.socket.hear('{"type":"place","place":{"kind":"heaven"}}'),
      () => line.socket.hear('null'),
      () => line.socket.hear('{"type":"bye"}'),
    ]
    wrong[this.#pick(wrong.length)]?.()
    line.socket.say({ type: 'role', role: 'owner' })
    await settle()
    const { state, cause, role } = this.#client
    if (state !== 'failed' || cause?.code !== 'protocol-violation') {
      this.#complaints.push(`what was wrong left it ${state} (${String(cause)})`)
    }
    if (role === 'owner' && before !== 'owner') this.#complaints.push('it took what stood behind the fault')
    if (!line.socket.closed) this.#complaints.push('it left the connection open')
  }

  async #leave(): Promise<void> {
    const line = this.#lines.at(-1)
    const isSaid = line?.isReady === true && !line.socket.closed
    await this.#client.close()
    if (!line || !isSaid) return
    while (line.taken < line.socket.heard.length) this.#take(line)
    const last = line.socket.heard.at(-1)?.type
    if (last !== 'bye') this.#complaints.push(`its last word was ${last}`)
  }
}

test('the client keeps to the protocol with any host that does, ends at the first word of one that does not, and leaves nothing', async () => {
  let taken = 0
  let connections = 0
  for (let seed = 1; seed <= 40; seed++) {
    const outcome = await fuzzClient(seed, 300)
    assert.deepEqual(outcome.complaints, [], `seed ${seed}`)
    taken += outcome.taken
    connections += outcome.connections
  }
  assert.ok(taken > 500, `only ${taken} messages of the client`)
  assert.ok(connections > 60, `only ${connections} connections`)
})
