import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { Decoder, Demuxer } from 'node-av/api'
import * as v from 'valibot'
import { NativeError } from '../../../src/net/native/native-error.ts'
import { nodeCrypto } from '../../../src/net/native/node-crypto.ts'
import { openHostKey } from '../../../src/server/native/open-host-key.ts'
import { session } from '../../../src/wire/api/resources.ts'
import { nalUnits } from '../../../src/wire/rtp/annex-b.ts'
import { eventually } from '../../support/eventually.ts'
import { NativeClient } from '../../support/native-client.ts'
import { openScene } from '../../support/scene.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

/** Not one of those that the system gives away by itself. */
const port = randomInt(12_000, 30_000)
const scene = await openScene({ flags: ['--no-lobby', '--native', 'on', '--native-port', `${port}`] })
const { house } = scene
const own = nodeCrypto.newKeyPair()

function link() {
  const { publicKey } = openHostKey(join(house.directory, 'data'))
  return { host: '127.0.0.1', port, key: publicKey, invitation: undefined }
}

async function sessions() {
  return v.parse(v.array(session), (await house.api('GET', 'sessions')).json())
}

scene.test(
  'a client comes by a link with the key of the host, is let in by an invitation, sees the lobby and plays',
  async (t) => {
    const lobby = await house.openLobby('terminal', 'Together')
    const machine = scene.machine(lobby.id)
    const { token } = await house.invite(lobby.id, 'player')

    await using client = await NativeClient.dial(link(), own)
    assert.deepEqual(await client.knock({ type: 'knock' }), { type: 'stranger' })
    const welcome = await client.knock({ type: 'redeem', invitation: token, name: 'Ada', device: 'Workshop' })
    assert.ok(welcome?.type === 'welcome', JSON.stringify(welcome))
    assert.deepEqual([welcome.name, welcome.role, welcome.lobbyId], ['Ada', 'player', lobby.id])
    await eventually(
      () => client.messages,
      (messages) => messages.some(({ type }) => type === 'ready'),
      { what: 'the beginning of the conversation' },
    )
    client.say({ type: 'join', lobbyId: lobby.id })
    client.say({ type: 'web-media', codecs: ['h264'], audio: true })
    await eventually(
      () => client.pictures.length,
      (count) => count > 0,
      { what: 'a picture' },
    )
    const key = client.pictures.find((picture) => picture.key)
    const types = nalUnits(key?.data ?? new Uint8Array()).map((unit) => (unit[0] as number) & 0x1f)
    assert.deepEqual(types.slice(0, 2), [7, 8], 'a key picture begins with its parameters')
    assert.ok(types.includes(5))
    await eventually(
      () => client.sounds,
      (count) => count > 50,
      { what: 'sound' },
    )
    const present = await eventually(
      sessions,
      (all) => all.some(({ device, path }) => device?.kind === 'key' && path !== null),
      { what: 'the session' },
    )
    const mine = present.find(({ device }) => device?.kind === 'key')
    assert.deepEqual([mine?.device?.name, mine?.path?.wire, mine?.path?.path], ['Workshop', 'native', 'direct'])

    const seat = {
      do: 'seat',
      sequence: 1,
      lobbyId: lobby.id,
      seat: 'keyboard-mouse',
      wish: { do: 'request' },
    } as const
    client.say({ type: 'deliver', outbox: 'an-outbox-of-its-own', deliveries: [seat] })
    await eventually(
      () => client.messages,
      (messages) => messages.some(({ type }) => type === 'delivered'),
      { what: 'the seat' },
    )
    const { length } = client.pictures
    client.point({ type: 'pointer', x: 0.5, y: 0.5 })
    client.key({ type: 'text', text: 'echo hello > native\n' })
    assert.equal(await machine.textOf('terminal', 'native', (text) => text.endsWith('\n')), 'hello\n')
    assert.equal(client.closeCode, 'open')
    await eventually(
      () => client.pictures.length,
      (count) => count > length,
      { what: 'what the app shows of it' },
    )
    const frames = await decoded(t, client.pictures)
    assert.ok(frames.length > 0)
    assert.ok(frames.every(({ width, height }) => width === key?.width && height === key.height))
  },
)

scene.test(
  'a client whose key is known comes back by it alone, goes with its device, and breaks nothing but its own channel',
  async () => {
    const lobby = await house.openLobby('terminal', 'Again')
    const { token } = await house.invite(lobby.id, 'player')
    const mine = nodeCrypto.newKeyPair()
    {
      await using first = await NativeClient.dial(link(), mine)
      const welcome = await first.knock({ type: 'redeem', invitation: token, name: 'Bea', device: 'Attic' })
      assert.equal(welcome?.type, 'welcome')
    }
    await using back = await NativeClient.dial(link(), mine)
    const welcome = await back.knock({ type: 'knock' })
    assert.ok(welcome?.type === 'welcome' && welcome.name === 'Bea')
    await eventually(
      () => back.messages.length,
      (count) => count > 0,
      { what: 'the conversation' },
    )

    await using rude = await NativeClient.dial(link())
    rude.sayRaw('{"type":"join"}')
    await eventually(
      () => rude.closeCode,
      (code) => code !== 'open',
      { what: 'the end of who does not knock' },
    )
    await assert.rejects(
      NativeClient.dial({ ...link(), key: nodeCrypto.newKeyPair().publicKey }),
      (error) => error instanceof NativeError && error.code === 'unreachable',
    )

    const devices = v.parse(
      v.array(v.object({ id: v.string(), name: v.string() })),
      (await house.api('GET', 'devices')).json(),
    )
    const attic = devices.find(({ name }) => name === 'Attic')
    assert.equal(back.closeCode, 'open')
    assert.equal((await house.api('DELETE', `devices/${attic?.id}`)).status, 204)
    await eventually(
      () => back.closeCode,
      (code) => code !== 'open',
      { what: 'the end of whose device was taken away' },
    )
    await using gone = await NativeClient.dial(link(), mine)
    assert.deepEqual(await gone.knock({ type: 'knock' }), { type: 'stranger' })
  },
)

/** What a decoder makes of pictures of H.264. */
async function decoded(t: TestContext, pictures: readonly { readonly data: Uint8Array }[]) {
  const file = join(temporaryDirectory(t), 'pictures.h264')
  await writeFile(file, Buffer.concat(pictures.map(({ data }) => data)))
  await using input = await Demuxer.open(file)
  const video = input.video()
  assert.ok(video)
  using decoder = await Decoder.create(video)
  const frames: { readonly width: number; readonly height: number }[] = []
  for await (const packet of input.packets()) {
    if (!packet) break
    for (const { width, height } of await decoder.decodeAll(packet)) frames.push({ width, height })
  }
  return frames
}
