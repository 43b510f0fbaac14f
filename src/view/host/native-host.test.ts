import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { eventually } from '../../../test/support/eventually.ts'
import { openGatewayRig, owner } from '../../../test/support/gateway-rig.ts'
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts'
import { openUdpPath } from '../../../test/support/udp-path.ts'
import { PorchlightClient } from '../../client/porchlight-client.ts'
import { until } from '../../kernel/readable.ts'
import { formatNativeLink } from '../../wire/native/native-link.ts'
import { nativeClientOptions } from '../client-environment.ts'
import { OwnFiles } from '../own/own-files.ts'
import { NativeHost } from './native-host.ts'

/** A client in a lobby, with its keyboard, through a path that can be cut. */
async function openScene(t: TestContext) {
  const rig = await openGatewayRig(t, { script: { fps: 30 }, native: true })
  const { native, host } = rig
  assert.ok(native)
  const path = await openUdpPath({ down: { delayUs: 2_000 } })
  t.after(() => path.close())
  path.targetPort = native.port
  const directory = temporaryDirectory(t)
  native.letIn(new OwnFiles(directory).deviceKey().publicKey, owner)
  const link = formatNativeLink({ host: '127.0.0.1', port: path.port, key: native.publicKey, invitation: undefined })
  const viewed = await NativeHost.open({ link, directory })
  t.after(() => viewed.close())
  const lobby = await host.createLobby({ appId: 'memory' })
  await until(lobby.status, ({ status }) => status === 'running')
  const client = new PorchlightClient({
    ...nativeClientOptions(viewed),
    reconnection: { maxRetries: Infinity, baseDelayMs: 200 },
  })
  t.after(() => client.close())
  const pictures: { readonly key: boolean; readonly captureUs: number }[] = []
  client.on('picture', (picture) => void pictures.push(picture))
  await client.start({ lobbyId: lobby.id })
  await eventually(
    () => client.place.value,
    (place) => place?.kind === 'lobby',
    { what: 'the lobby' },
  )
  await client.changeSeat('keyboard-mouse', { do: 'request' })
  await eventually(
    () => client.holds(),
    (holds) => holds,
    { what: 'the seat' },
  )
  const isBack = async (sessionId: string | undefined) => {
    const { length } = pictures
    await eventually(
      () => [client.state, pictures.length],
      ([state, count]) => state === 'connected' && Number(count) > length + 5,
      { what: 'pictures again', withinMs: 30_000 },
    )
    assert.equal(client.currentSessionId, sessionId)
    assert.deepEqual(client.place.value, { kind: 'lobby', lobbyId: lobby.id })
    assert.equal(client.holds(), true, 'it has its seat')
    return pictures.slice(length)
  }
  return { rig, host, path, client, viewed, pictures, isBack, lobby }
}

test('a client comes back to its session, lobby and seat when the viewer process of the host is killed', async (t) => {
  const { rig, client, isBack } = await openScene(t)
  const { currentSessionId } = client
  const pid = rig.gateway.viewerProcess.pid.value
  assert.ok(pid !== undefined)
  process.kill(pid, 'SIGKILL')
  await eventually(
    () => client.state,
    (state) => state !== 'connected',
    { what: 'the loss' },
  )
  await isBack(currentSessionId)
})

test('a client comes back when the network was away', async (t) => {
  const { path, client, isBack, host } = await openScene(t)
  const { currentSessionId } = client
  const cut = (ratio: number) => {
    path.up.lossRatio = ratio
    path.down.lossRatio = ratio
  }
  cut(1)
  await eventually(
    () => client.state,
    (state) => state !== 'connected',
    { what: 'the loss' },
  )
  cut(0)
  await isBack(currentSessionId)
  assert.equal(host.sessions.size, 1, 'nothing is left of the former conversation')
})
