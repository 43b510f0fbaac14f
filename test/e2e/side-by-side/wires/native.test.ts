import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { Decoder, Demuxer } from 'node-av/api'
import { AV_CODEC_ID_H264, AV_CODEC_ID_OPUS } from 'node-av/constants'
import * as v from 'valibot'
import { PorchlightClient, type WebPicture } from '../../../../src/client/index.ts'
import { shortFingerprint } from '../../../../src/net/identity/key-fingerprint.ts'
import { nodeCrypto } from '../../../../src/net/native/node-crypto.ts'
import { openHostKey } from '../../../../src/server/native/open-host-key.ts'
import { nativeClientOptions, NativeHost, ViewError, type NativeHostOptions } from '../../../../src/view/index.ts'
import { createdInvitation, session } from '../../../../src/wire/api/resources.ts'
import { formatNativeLink } from '../../../../src/wire/native/native-link.ts'
import { nalUnits } from '../../../../src/wire/rtp/annex-b.ts'
import { listenInApp } from '../../../support/app-ear.ts'
import { eventually } from '../../../support/eventually.ts'
import type { LobbyMachine } from '../../../support/lobby-machine.ts'
import { RunningViewer } from '../../../support/running-viewer.ts'
import { nativePort as port, scene, voiceHz } from './scene.ts'
import { temporaryDirectory } from '../../../support/temporary-directory.ts'
import { playTone } from '../../../support/tone.ts'
import type { ViewerPage } from '../../../support/viewer-page.ts'

const { house } = scene
const aside = { x: 0.3, y: 0.6 }
/** Where the pointer, which is part of the picture, is not. */
const field = { x: 0.7, y: 0.4 }

function link() {
  const { publicKey } = openHostKey(join(house.directory, 'data'))
  return { host: '127.0.0.1', port, key: publicKey, invitation: undefined }
}

function nativeLink(invitation?: string): string {
  return formatNativeLink({ ...link(), invitation })
}

function open(
  t: TestContext,
  address: string,
  { directory = temporaryDirectory(t), ...options }: Partial<Omit<NativeHostOptions, 'link'>> = {},
): Promise<NativeHost> {
  return NativeHost.open({ link: address, directory, ...options })
}

const terminal = scene.lobby('terminal', 'Terminal')

async function sessions() {
  return v.parse(v.array(session), (await house.api('GET', 'sessions')).json())
}

terminal.test(
  'a client comes by a link with the key of the host, is let in by an invitation, sees the lobby and plays',
  async (t) => {
    const { machine } = terminal
    const { token } = await house.invite(terminal.id, 'player')

    await using host = await open(t, nativeLink(token), { name: 'Ada', device: 'Workshop' })
    const { name, role, lobbyId } = host.welcome
    assert.deepEqual([name, role, lobbyId], ['Ada', 'player', terminal.id])
    await using client = new PorchlightClient(nativeClientOptions(host))
    const pictures: WebPicture[] = []
    let sounds = 0
    client.on('picture', (picture) => void pictures.push(picture))
    client.on('sound', () => void sounds++)
    await client.start({ lobbyId: terminal.id })
    const key = pictures.find((picture) => picture.key)
    const types = nalUnits(key?.data ?? new Uint8Array()).map((unit) => (unit[0] as number) & 0x1f)
    assert.deepEqual(types.slice(0, 2), [7, 8], 'a key picture begins with its parameters')
    assert.ok(types.includes(5))
    await eventually(
      () => sounds,
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
    assert.equal(client.path.value?.kind, 'native')

    await client.changeSeat('keyboard-mouse', { do: 'request' })
    const { length } = pictures
    client.send({ type: 'pointer', x: 0.5, y: 0.5 })
    client.send({ type: 'text', text: 'echo hello > native\n' })
    assert.equal(await machine.textOf('terminal', 'native', (text) => text.endsWith('\n')), 'hello\n')
    assert.equal(client.state, 'connected')
    await eventually(
      () => pictures.length,
      (count) => count > length,
      { what: 'what the app shows of it' },
    )
    const frames = await decoded(t, pictures)
    assert.ok(frames.length > 0)
    assert.ok(frames.every(({ width, height }) => width === key?.width && height === key.height))
  },
)

terminal.test(
  'a client whose key is known comes back by it alone, goes with its device, and breaks nothing but its own channel',
  async (t) => {
    const { token } = await house.invite(terminal.id, 'player')
    const directory = temporaryDirectory(t)
    {
      await using first = await open(t, nativeLink(token), { name: 'Bea', device: 'Attic', directory })
      assert.equal(first.welcome.name, 'Bea')
    }
    await using back = await open(t, nativeLink(), { directory })
    assert.equal(back.welcome.name, 'Bea')
    const visit = await back.visit()
    const rude = await back.visit()
    rude.send('{"type":"offer"}')
    await rude.closed

    const devices = v.parse(
      v.array(v.object({ id: v.string(), name: v.string() })),
      (await house.api('GET', 'devices')).json(),
    )
    const attic = devices.find(({ name }) => name === 'Attic')
    assert.equal(visit.open, true)
    assert.equal((await house.api('DELETE', `devices/${attic?.id}`)).status, 204)
    await visit.closed
    await assert.rejects(back.visit(), (error) => error instanceof ViewError && error.code === 'revoked')
    await assert.rejects(
      open(t, nativeLink(), { directory }),
      (error) => error instanceof ViewError && error.code === 'not-invited',
    )
  },
)

terminal.test(
  'porchlight view shows a lobby in the browser of its own machine: picture and sound, keys, seats, clipboard, voice and texts go by the native transport',
  async (t) => {
    const { machine } = terminal
    const { token } = await house.invite(terminal.id, 'player')
    const home = temporaryDirectory(t)
    await using view = new RunningViewer(home, [nativeLink(token), '--no-open', '--name', 'Cleo', '--stats'])
    const address = await view.told('Page')
    assert.match(address, /^http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]{43}&lobby=/)
    // Who does not know the token, or is a page of somebody else, gets nothing of the host's.
    const { origin, hash } = new URL(address)
    const secret = new URLSearchParams(hash.slice(1)).get('token') ?? ''
    const ask = (headers: Record<string, string>) => fetch(`${origin}/api/v1/me`, { headers })
    assert.equal((await ask({})).status, 401)
    assert.equal((await ask({ authorization: `Bearer ${'x'.repeat(43)}` })).status, 401)
    assert.equal((await ask({ authorization: `Bearer ${secret}`, origin: 'https://evil.example' })).status, 403)
    const me = v.parse(
      v.object({ name: v.string(), role: v.string() }),
      await (await ask({ authorization: `Bearer ${secret}` })).json(),
    )
    assert.deepEqual([me.name, me.role], ['Cleo', 'player'])

    const screen = { viewport: { width: 1280, height: 720 }, permissions: ['clipboard-read', 'clipboard-write'] }
    const viewer = await scene.sit({ link: address, screen })
    await viewer.untilLive()
    await viewer.takeControl(aside)

    const pasted = 'Grüße, 5 €'
    await viewer.page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(pasted)})`)
    await viewer.enter(`stty -icanon; head -c ${Buffer.byteLength(pasted)} > pasted; stty icanon`)
    await machine.textOf('terminal', 'pasted')
    await viewer.page.keyboard.press('Control+Shift+V')
    assert.equal(await machine.textOf('terminal', 'pasted', (now) => now.length === pasted.length), pasted)
    await viewer.enter(String.raw`clear; for n in $(seq 40); do echo 'copiedInTheApp'; done`)
    await eventually(
      async () => {
        const { x, y } = await viewer.locate({ x: 0.1, y: 0.5 })
        await viewer.page.mouse.click(x, y, { clickCount: 3 })
        return await viewer.page.evaluate<string>('navigator.clipboard.readText()')
      },
      (here) => here.includes('copiedInTheApp'),
      { what: 'what the app copied' },
    )
    await speaks(viewer, machine)
    await viewer.page.keyboard.press('Escape')
    await viewer.takeControl(aside)
    await viewer.enter(String.raw`printf '\033[41m\033[2J'`)
    await viewer.untilColour(field, [0xf2, 0x77, 0x7a])
    await viewer.useTool('Turn sound on')
    await using _ = await playTone(machine, 440)
    await eventually(
      () => viewer.probe('hear', 440),
      ({ toneDb }) => toneDb > -25,
      { what: 'the tone' },
    )
    const mine = (await sessions()).find(({ name }) => name === 'Cleo')
    assert.deepEqual([mine?.path?.wire, mine?.path?.path, mine?.seats], ['native', 'direct', ['keyboard-mouse']])
    await saysOnce(viewer)
    await eventually(
      () => view.output,
      (output) => /path=direct127\.0\.0\.1:\d+ rtt=[\d.]+ms loss=0\.0% fps=[1-9]/.test(output),
      { what: 'what --stats tells' },
    )
    await viewer.leave()
    assert.equal(await view.stop(), 0, view.errors)
    assert.deepEqual(viewer.complaints, [])
  },
)

terminal.test(
  'porchlight view records without a screen, comes back by its key alone, and says what is wrong with a link',
  async (t) => {
    const { token, id } = await house.invite(terminal.id, 'viewer')
    const home = temporaryDirectory(t)
    const file = join(home, 'lobby.mkv')
    {
      // By the web port, which tells where the host is; its certificate is the host's own.
      const web = `https://127.0.0.1:${house.port}`
      await using view = new RunningViewer(home, [
        formatNativeLink({ ...link(), invitation: token, web }),
        '--stats',
        '--headless',
        '--record',
        file,
        '--lobby',
        terminal.id,
      ])
      await eventually(
        () => view.output,
        (output) => /^State +connected$/m.test(output),
        { what: 'the state of a viewer' },
      )
      await pause(3000)
      assert.equal(await view.stop(), 0, view.errors)
      assert.match(view.output, /^Wrote +\/\S+: [\d.]+ s, \d+ pictures, \d+ packets of sound$/m)
      assert.match(view.output, /path=direct ?127\.0\.0\.1:\d+/)
    }
    await using recording = await Demuxer.open(file)
    const { streams } = recording
    assert.deepEqual(
      streams.map(({ codecpar }) => codecpar.codecId).toSorted((a, b) => a - b),
      [AV_CODEC_ID_H264, AV_CODEC_ID_OPUS],
    )
    assert.ok(recording.duration >= 2 && recording.duration < 60, `it has ${recording.duration} s`)
    let keys = 0
    for await (const packet of recording.packets()) if (packet?.isKeyframe === true) keys++
    assert.ok(keys > 0)

    const ends = async (code: number, address: string, ...flags: string[]) => {
      await using view = new RunningViewer(home, [address, '--headless', ...flags])
      assert.equal(await view.ended, code, view.output)
      return view.errors
    }
    const fails = (address: string, ...flags: string[]) => ends(1, address, ...flags)
    // Its key is known by now, and is enough until it is taken back.
    {
      await using view = new RunningViewer(home, [nativeLink(), '--headless'])
      assert.match(await view.told('You'), /, viewer$/)
      await view.stop()
    }
    const other = { ...link(), key: nodeCrypto.newKeyPair().publicKey }
    const elsewhere = ['--keys', join(home, 'elsewhere')]
    const changed = await fails(formatNativeLink(other))
    const [told, found] = [other.key, link().key].map(shortFingerprint)
    assert.ok(changed.includes(`had the key ${found} before, and the link says ${told}`), changed)
    const wrong = await fails(formatNativeLink(other), ...elsewhere)
    assert.ok(wrong.includes(`has the key ${found}, and the link says ${told}`), wrong)
    assert.match(await fails(nativeLink(), ...elsewhere), /does not know this device/)
    const once = { lobbyId: terminal.id, role: 'viewer', pin: '2468', maxUses: 1 }
    const made = v.parse(createdInvitation, (await house.api('POST', 'invitations', { body: once })).json())
    const guarded = nativeLink(new URLSearchParams(made.fragment).get('invite') ?? '')
    const keysOf = (who: string) => ['--keys', join(home, who)]
    const [unasked, guessed, malformed] = await Promise.all([
      fails(guarded, ...keysOf('unasked')),
      fails(guarded, ...keysOf('guessing'), '--pin', '1357'),
      ends(2, 'porchlight://nowhere', ...keysOf('lost')),
    ])
    assert.match(unasked, /without the PIN.*Give it with --pin/)
    assert.match(guessed, /the PIN is wrong\. There are 9 more tries.*Ask whoever sent the link for the PIN/)
    assert.match(malformed, /Cannot read the link: wanted porchlight:/)
    {
      await using view = new RunningViewer(home, [guarded, '--headless', ...keysOf('right'), '--pin', '2468'])
      assert.match(await view.told('You'), /, viewer$/)
      await view.stop()
    }
    const late = await fails(guarded, ...keysOf('late'), '--pin', '2468')
    assert.match(late, /used as often as it can be\. Ask whoever sent it for a new one/)
    assert.equal((await house.api('DELETE', `invitations/${id}`)).status, 204)
    assert.match(await fails(nativeLink(token), ...elsewhere), /the invitation was revoked\. Ask whoever sent it/)
    await eventually(
      () => house.metrics(),
      (metrics) =>
        metrics.get('porchlight_admissions_refused_total{cause="invitation-revoked",gateway="native"}') === 1,
      { what: 'the refusal among what the host counts' },
    )
    assert.match(house.log, /"code":"invitation-revoked","reason":"Cannot let you in: the invitation was revoked\."/)
    assert.match(await fails(nativeLink()), /does not know this device, or not any more/)
  },
)

/** What is said into the microphone of the page is heard by the app, and nothing once it is off. */
async function speaks(viewer: ViewerPage, machine: LobbyMachine): Promise<void> {
  await using ear = await listenInApp(machine)
  const microphone = viewer.page.locator('.bar .microphone')
  await microphone.waitFor({ state: 'attached' })
  await viewer.pressTool(microphone)
  const heard = { what: 'the voice in the app' }
  await eventually(
    () => ear.level(voiceHz),
    (level) => level > 0.01,
    heard,
  )
  await viewer.pressTool(microphone)
  const silent = { what: 'silence in the app' }
  await eventually(
    () => ear.peak(),
    (peak) => peak === 0,
    silent,
  )
}

/** What is said in the chat of the page is there once, also after the page was loaded again and has found its session. */
async function saysOnce(viewer: ViewerPage): Promise<void> {
  const { page } = viewer
  await viewer.openChat()
  const box = page.getByRole('textbox', { name: 'Say something' })
  for (const text of ['said first', 'said second']) {
    await box.fill(text)
    await box.press('Enter')
  }
  const said = async () => (await page.locator('.chat-text:not(.waiting) p').allInnerTexts()).join()
  const isThere = (texts: string) => texts === 'said first,said second'
  await eventually(said, isThere, { what: 'what was said' })
  await page.reload()
  await viewer.untilLive()
  await viewer.openChat()
  await eventually(said, isThere, { what: 'what was said before' })
}

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
