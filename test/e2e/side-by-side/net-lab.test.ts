import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once, type EventEmitter } from 'node:events'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { NetLab } from '../../support/net-lab.ts'
import { canHavePrivateNetwork, inPrivateNetwork } from '../../support/private-network.ts'

const port = 9000
/** For what comes, also on a busy machine. */
const patienceMs = 10_000
/** Long enough for a word from the router, had it one. */
const silenceMs = 300

if (!canHavePrivateNetwork()) test('NetLab', { skip: 'this machine gives us no network namespaces' })
else if (await inPrivateNetwork()) await testLab()

async function testLab(): Promise<void> {
  const lab = await NetLab.open()
  const [command, ...args] = [
    ...lab.house,
    process.execPath,
    join(import.meta.dirname, '../../support/echo-process.ts'),
  ]
  const echo = spawn(command, [...args, lab.houseAddress, String(port)], { stdio: ['ignore', 'pipe', 'inherit'] })
  after(async () => {
    echo.kill()
    await lab[Symbol.asyncDispose]()
  })
  await once(echo.stdout, 'data')

  test('NetLab lets TCP and UDP through, until either is dropped', async () => {
    await assertLetsThrough(lab, { tcp: true, udp: true })
    await lab.dropUdp(true)
    await assertLetsThrough(lab, { tcp: true, udp: false })
    await lab.dropUdp(false)
    await lab.dropEverything(true)
    await assertLetsThrough(lab, { tcp: false, udp: false })
    await lab.dropEverything(false)
    await assertLetsThrough(lab, { tcp: true, udp: true })
  })

  test('NetLab cuts the link, and a connection that was open goes on when it is back', async (t) => {
    const open = await openConnection(lab)
    t.after(() => open.socket.destroy())
    await lab.setLink(false)
    await assertLetsThrough(lab, { tcp: false, udp: false })
    await lab.setLink(true)
    await open.untilEchoed('again')
  })

  test('NetLab gives the laptop another address, and what was open is dead without a word', async (t) => {
    const open = await openConnection(lab)
    t.after(() => open.socket.destroy())
    const former = lab.laptopAddress
    await lab.changeNetwork()
    assert.notEqual(lab.laptopAddress, former)
    await assertLetsThrough(lab, { tcp: true, udp: true })
    open.socket.write('lost')
    await pause(silenceMs)
    assert.deepEqual([open.said, open.socket.destroyed], ['', false])
  })
}

/** Asks the house by both, and waits for what should come back, and a while for what should not. */
async function assertLetsThrough({ houseAddress }: NetLab, expected: { tcp: boolean; udp: boolean }): Promise<void> {
  const socket = connect(port, houseAddress)
  socket.on('error', () => {})
  socket.write('tcp')
  const datagrams = createSocket('udp4')
  datagrams.send('udp', port, houseAddress, () => {})
  const came = (emitter: EventEmitter, event: string, isExpected: boolean) =>
    once(emitter, event, { signal: AbortSignal.timeout(isExpected ? patienceMs : silenceMs) }).then(
      () => true,
      () => false,
    )
  const [tcp, udp] = await Promise.all([came(socket, 'data', expected.tcp), came(datagrams, 'message', expected.udp)])
  socket.destroy()
  datagrams.close()
  assert.deepEqual({ tcp, udp }, expected)
}

/** A connection to the house, and what has been said on it by the house since it was open. */
async function openConnection({ houseAddress }: NetLab) {
  const socket: Socket = connect(port, houseAddress)
  await once(socket, 'connect')
  const connection = {
    socket,
    said: '',
    async untilEchoed(text: string) {
      socket.write(text)
      while (!connection.said.includes(text)) await once(socket, 'data')
    },
  }
  socket.setEncoding('utf8').on('data', (text: string) => (connection.said += text))
  return connection
}
