import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import { moonlight, session, sessionTimeline } from '../../../../src/wire/api/resources.ts'
import { SurroundDecoder } from '../../../../src/media/testing/surround-decoder.ts'
import { seededRandom } from '../../../../src/kernel/seeded-random.ts'
import { nalUnits } from '../../../../src/wire/rtp/annex-b.ts'
import { eventually } from '../../../support/eventually.ts'
import { MoonlightClient } from '../../../support/moonlight/moonlight-client.ts'
import { MoonlightFoe } from '../../../support/moonlight/moonlight-foe.ts'
import { pictureSizeOf } from '../../../support/moonlight/picture-size.ts'
import { moonlightPort as port, recordings, scene } from './scene.ts'

const { house } = scene
const size = { width: 1280, height: 720 }

scene.test('a Moonlight client plays in the same lobby as a browser, and comes back into it', async () => {
  const lobby = await house.openLobby('terminal', 'Together')
  const machine = scene.machine(lobby.id)
  const viewer = await scene.sit()
  await viewer.stepInto('Together')
  using tv = new MoonlightClient(port)

  assert.equal(await tv.pair('4711', () => type('0815')), false, 'a wrong PIN')
  assert.deepEqual(await tv.titles(), new Map())
  assert.equal(await tv.pair('4711', () => type('4711')), true)
  const titles = await tv.titles()
  assert.deepEqual([...titles.keys()][0], 'Together')
  const title = titles.get('Together') ?? 0
  // A tenth of the datagrams is lost, and the parity is for that.
  let datagrams = 0
  tv.loses = () => datagrams++ % 12 === 5
  await tv.begin(title, size)
  await eventually(
    () => tv.pictures.whole.size,
    (count) => count > 5,
    { what: 'pictures' },
  )
  const [first] = [...tv.pictures.whole].sort(([a], [b]) => a - b)
  assert.deepEqual(first?.[0], 1, 'pictures are counted from 1')
  const types = nalUnits(first?.[1] ?? new Uint8Array()).map((unit) => (unit[0] as number) & 0x1f)
  assert.deepEqual(types.slice(0, 3), [7, 8, 5], 'the first begins with its parameters')
  await eventually(
    () => tv.sounds.length,
    (count) => count > 20,
    { what: 'sound' },
  )

  const own = (await sessions()).find(({ device }) => device?.kind === 'certificate')
  assert.deepEqual([own?.device?.name, own?.path?.wire, own?.lobbyId], ['TV', 'moonlight', lobby.id])
  assert.deepEqual(own?.seats, [], 'nobody has the keyboard by arriving')
  tv.input(3, 0x07, '00010001')
  tv.input(3, 0x07, 'ffffffff')
  for (const key of virtualKeys('CAT')) tv.strike(key)
  tv.strike(0x20)
  // Shift and the key of the full stop: what is greater than.
  tv.input(2, 0x03, '00a080010000')
  tv.strike(0xbe)
  tv.input(2, 0x04, '00a080000000')
  for (const key of virtualKeys('TV')) tv.strike(key)
  tv.strike(0x0d)
  await machine.textOf('terminal', 'tv')
  for (const key of virtualKeys('HELLO')) tv.strike(key)
  tv.strike(0x0d)
  assert.match(await machine.textOf('terminal', 'tv', (text) => text.endsWith('\n')), /^hello\n$/)

  await tv.quit()
  await eventually(sessions, (now) => now.every(({ id }) => id !== own?.id), { what: 'the end of the session' })
  for (const name of ['packets_lost', 'pictures_repaired']) {
    assert.ok((await house.metric(`porchlight_${name}_total{gateway="moonlight"}`)) > 0, name)
  }
  const info = await tv.ask('/serverinfo')
  assert.match(info, new RegExp(`<currentgame>${title}</currentgame><state>SUNSHINE_SERVER_BUSY<`))
  // One that was promised and never begun does no harm to the next.
  await tv.ask(`/resume?appid=1&mode=1280x720x60&rikey=${'0'.repeat(32)}&rikeyid=1&corever=1`)
  await tv.begin(title, size, 'resume')
  const [again] = await eventually(
    async () =>
      (await sessions()).filter(({ device, lobbyId }) => device?.kind === 'certificate' && lobbyId === lobby.id),
    (now) => now.length > 0,
    { what: 'the client in its lobby' },
  )
  assert.notEqual(again?.id, own?.id, 'a new session')
  assert.deepEqual(again?.seats, ['keyboard-mouse'], 'with the seat of the one before')
  await eventually(
    () => tv.pictures.whole.size,
    (count) => count > 0,
    { what: 'pictures again' },
  )
  await tv.ask('/cancel')
  await eventually(
    () => tv.notices,
    (notices) => notices.includes(0x0109),
    { what: 'the termination' },
  )
  assert.equal((await house.api('GET', `lobbies/${lobby.id}`)).status, 200, 'the lobby stays')

  // What is no message of its protocol ends this client's session, with a record of it.
  await tv.begin(title, size)
  const wrong = await eventually(
    async () => (await sessions()).find(({ device }) => device?.kind === 'certificate'),
    (found) => found !== undefined,
    { what: 'the third stream' },
  )
  tv.say(0, 0x7777, new Uint8Array(1))
  await eventually(sessions, (now) => now.every(({ id }) => id !== wrong?.id), { what: 'the end of it' })
  const last = await eventually(
    async () => (await conversations()).find(({ sessionId }) => sessionId === wrong?.id),
    (found) => found !== undefined,
    { what: 'its recording' },
  )
  assert.equal(last?.labels.at(0), 'options')
  assert.deepEqual(last?.labels.slice(-2), ['unreadable', 'termination'])
  const whole = (await conversations()).find(({ sessionId }) => sessionId === own?.id)
  assert.ok(whole?.labels.includes('input') && whole.labels.includes('ping') && !whole.labels.includes('unreadable'))
})

scene.test(
  'a Moonlight client that asks for 5.1 hears it where there is any, and stereo from the front elsewhere',
  async () => {
    const definition = { kind: 'test-pattern', title: 'Around', sound: '5.1' }
    const wrong = await house.api('POST', 'apps', { body: { definition: { ...definition, sound: '5.2' } } })
    assert.equal(wrong.status, 400)
    assert.match(
      wrong.text,
      /"pointer":"\/definition\/sound","detail":"wanted true, false, \\"stereo\\", \\"5.1\\" or \\"7.1\\""/,
    )
    assert.equal((await house.api('POST', 'apps', { body: { id: 'around', definition } })).status, 201)
    const around = await house.openLobby('around', 'Around')
    const other = await house.openLobby('test-pattern', 'Stereo')
    using tv = new MoonlightClient(port, { channels: 6 })
    assert.equal(await tv.pair('1234', () => type('1234')), true)
    await tv.begin((await tv.titles()).get('Around') ?? 0, size)
    // It beeps from one speaker after the other; a busy machine leaves out some, so that the order is left to the test of the sink.
    await eventually(
      () => beepsIn(tv),
      (beeps) => new Set(beeps).size >= 4,
      { what: 'beeps around', withinMs: 60_000 },
    )

    const own = async () => (await sessions()).find(({ lobbyId }) => lobbyId === around.id || lobbyId === other.id)
    const here = await own()
    assert.deepEqual(here?.sound, { asked: '5.1', given: '5.1' })
    await house.api('POST', `sessions/${here?.id}/lobby`, { body: { lobbyId: other.id } })
    const moved = await eventually(own, (now) => now?.sound?.given === 'stereo', {
      what: 'the sound of the other lobby',
    })
    assert.deepEqual(moved?.sound, { asked: '5.1', given: 'stereo' })
    tv.sounds.length = 0
    await eventually(
      () => tv.sounds.length,
      (count) => count > 100,
      { what: 'sound of the other lobby', withinMs: 60_000 },
    )
    using decoder = new SurroundDecoder(tv.soundStreams)
    const peaks = decoder.decodeAll(tv.sounds.slice(20)).map((samples) => Math.max(...samples.map(Math.abs)))
    assert.ok(
      peaks.every((peak, channel) => (channel < 2 ? peak > 0.005 : peak < 0.002)),
      peaks.join(),
    )
    const record = (await house.api('GET', `records/${here?.id}`)).text
    assert.match(record, /"kind":"sound","detail":\{[^}]*"asked":"5.1","given":"stereo"/)
    await tv.ask('/cancel')
  },
)

/** From which channels it beeped, one after the other. */
function beepsIn({ sounds, soundStreams }: MoonlightClient): number[] {
  using decoder = new SurroundDecoder(soundStreams)
  const found: number[] = []
  let quiet = 0
  for (const packet of sounds) {
    const peaks = decoder.decode(packet).map((samples) => Math.max(...samples.map(Math.abs)))
    const loudest = peaks.indexOf(Math.max(...peaks))
    if ((peaks[loudest] ?? 0) < 0.05) quiet++
    else if (quiet > 20) {
      found.push(loudest)
      quiet = 0
    }
  }
  return found
}

scene.test('clients come and go beside each other, are sent elsewhere and shown out', async () => {
  const [first, second] = [await house.openLobby('test-pattern', 'First'), await house.openLobby('terminal', 'Second')]
  const owner = await scene.sit()
  const { page } = owner
  await page.getByRole('link', { name: 'Sessions' }).click()
  using tv = new MoonlightClient(port)
  const typedOnPage = async () => {
    await page.getByRole('button', { name: 'Type its PIN' }).click()
    await page.getByLabel('PIN', { exact: true }).fill('2580')
    await page.getByLabel('What you call it').fill('Den')
    await page.getByRole('button', { name: 'Pair', exact: true }).click()
  }
  assert.equal(await tv.pair('2580', typedOnPage), true, 'by the page')
  using phone = new MoonlightClient(port)
  assert.equal(await phone.pair('1470', () => type('1470', 'Phone')), true)
  const title = (await tv.titles()).get('First') ?? 0
  await tv.begin(title, { width: 854, height: 480 })
  await phone.begin(title, size)
  await Promise.all([untilPictures(tv, 3), untilPictures(phone, 3)])
  const here = await sessionsOf('Den', 'Phone')
  assert.deepEqual(
    here.map(({ lobbyId }) => lobbyId),
    [first.id, first.id],
  )

  phone.vanish()
  await eventually(
    () => sessionsOf('Phone'),
    (now) => now.length === 0,
    { what: 'the end of who fell silent' },
  )
  await untilPictures(tv, tv.pictures.whole.size + 3)
  assert.equal(await causeOf(here[1]?.id), 'disconnected')

  const before = sizesOf(tv).length
  // The owner sends it to a lobby whose display has another shape.
  await page.getByRole('button', { name: /^Send .* elsewhere$/ }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText('Second', { exact: true }).click()
  await dialog.getByRole('button', { name: 'Send', exact: true }).click()
  await dialog.waitFor({ state: 'detached' })
  await eventually(
    () => sessionsOf('Den'),
    ([now]) => now?.lobbyId === second.id,
    { what: 'the client in the other lobby' },
  )
  const keys = () => sizesOf(tv)
  await eventually(keys, (sizes) => sizes.length > before, { what: 'a key picture of it', withinMs: 20_000 })
  assert.deepEqual(new Set(keys()), new Set(['854x480']), 'of the size that its decoder was opened for')

  await page.getByRole('button', { name: 'Take Den away' }).click()
  await eventually(
    () => tv.notices,
    (notices) => notices.includes(0x0109),
    { what: 'the termination' },
  )
  assert.equal(await causeOf(here[0]?.id), 'revoked')
  assert.match(await tv.ask('/applist'), /status_code="401"/)
  for (const { id } of [first, second]) assert.equal((await house.api('GET', `lobbies/${id}`)).status, 200)
})

scene.test('nothing that strangers say to its ports disturbs a client that plays', async (t) => {
  const lobby = await house.openLobby('test-pattern', 'Besieged')
  using tv = new MoonlightClient(port)
  assert.equal(await tv.pair('1234', () => type('1234', 'Calm')), true)
  using phone = new MoonlightClient(port)
  assert.equal(await phone.pair('4321', () => type('4321', 'Wild')), true)
  const title = (await tv.titles()).get('Besieged') ?? 0
  await tv.begin(title, { width: 640, height: 360 })
  await untilPictures(tv, 3)
  const [own] = await sessionsOf('Calm')
  const random = seededRandom(7)
  using foe = new MoonlightFoe({ port, random, address: '127.0.0.8' })
  await foe.open()

  // Questions: to everybody, from a certificate that nobody has paired, and from one that somebody has.
  for (const by of [undefined, foe.identity, phone.identity]) {
    for (let asked = 0; asked < 40; asked++) {
      const { path, answer } = await foe.ask(by)
      assert.match(
        answer,
        /^(?:200 <\?xml version="1.0" encoding="utf-8"\?>\n<root status_code="\d{3}"|4\d\d |$)/,
        path,
      )
      if (by === undefined) assert.doesNotMatch(answer, /sessionUrl0|AppTitle|plaincert|<PairStatus>1/, path)
    }
  }
  for (const name of ['applist', 'appasset', 'launch', 'resume', 'cancel']) {
    for (const by of [undefined, foe.identity]) {
      assert.match(
        await foe.askFor(`/${name}?appid=${title}&mode=1280x720x60&rikey=${'0'.repeat(32)}`, by),
        /status_code="401"/,
      )
    }
  }
  // A pairing that has begun somewhere else is not gone on with here, and none twice.
  for (const step of ['clientchallenge', 'serverchallengeresp', 'clientpairingsecret']) {
    assert.match(await foe.askFor(`/pair?uniqueid=0123456789ABCDEF&${step}=${'0'.repeat(64)}`, undefined), /<paired>0</)
  }
  for (let times = 0; times < 40; times++) {
    assert.doesNotMatch(await foe.negotiate(), /Ping-Payload|Connect-Data|\b200 OK\r\n[^]*Session/)
  }
  for (let times = 0; times < 4000; times++) {
    foe.speak(tv.pingPayloads)
    if (times % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  }
  for (let times = 0; times < 1000; times++) foe.connect()
  t.diagnostic(`${foe.udp.sent} bytes were sent by UDP, ${foe.udp.received} came back`)
  assert.ok(foe.udp.received <= 3 * foe.udp.sent)
  assert.equal(foe.udp.received, 0, 'who is not expected is told nothing')

  // A client that is let in and breaks the protocol ends its own session, with a record.
  await phone.begin(title, { width: 640, height: 360 })
  await untilPictures(phone, 1)
  const [wild] = await sessionsOf('Wild')
  // A status that is cut.
  phone.say(1, 0x5502, Buffer.alloc(1))
  await eventually(
    () => sessionsOf('Wild'),
    (now) => now.length === 0,
    { what: 'the end of who broke the protocol' },
  )
  const { stays } = v.parse(sessionTimeline, (await house.api('GET', `records/${wild?.id}`)).json())
  assert.ok(stays.some(({ entries }) => entries.some(({ kind }) => kind === 'fault')))

  await untilPictures(tv, tv.pictures.whole.size + 5)
  assert.deepEqual(
    (await sessionsOf('Calm')).map(({ id }) => id),
    [own?.id],
    'the same session',
  )
  assert.doesNotMatch(house.log, /"level":"error"/)
  assert.equal((await house.api('GET', `lobbies/${lobby.id}`)).status, 200)
})

async function untilPictures(client: MoonlightClient, count: number): Promise<void> {
  await eventually(
    () => client.pictures.whole.size,
    (now) => now >= count,
    { what: `${count} pictures`, withinMs: 20_000 },
  )
}

function sizesOf({ pictures }: MoonlightClient): string[] {
  return [...pictures.whole.values()].flatMap((picture) =>
    nalUnits(picture)
      .filter((unit) => ((unit[0] as number) & 0x1f) === 7)
      .map(pictureSizeOf),
  )
}

async function sessionsOf(...names: string[]) {
  return (await sessions()).filter(({ device }) => names.includes(device?.name ?? ''))
}

async function causeOf(sessionId = ''): Promise<string | null | undefined> {
  const look = async () =>
    v.parse(sessionTimeline, (await house.api('GET', `records/${sessionId}`)).json()).stays[0]?.cause
  return await eventually(look, (cause) => cause !== null, { what: 'a record that has ended' })
}

function virtualKeys(text: string): number[] {
  return Array.from(text, (character) => character.charCodeAt(0))
}

/** Types what the TV shows, as soon as it waits. */
async function type(pin: string, name = 'TV'): Promise<void> {
  const look = async () => v.parse(moonlight, (await house.api('GET', 'moonlight')).json())
  const { pairings } = await eventually(look, (now) => now.pairings.length > 0, { what: 'a client that waits' })
  const { status } = await house.api('POST', `moonlight/pairings/${pairings[0]?.id}`, { body: { pin, name } })
  assert.equal(status, 200)
}

async function sessions() {
  return v.parse(v.array(session), (await house.api('GET', 'sessions')).json())
}

/** Those with Moonlight's clients that were recorded so far: whose they were, and what was said. */
async function conversations() {
  const recorded = await Promise.all(
    (await readdir(recordings)).map(async (name) => {
      const [header = '', ...messages] = (await readFile(join(recordings, name), 'utf8')).trim().split('\n')
      const labels = messages.flatMap((line) => (JSON.parse(line) as { label?: string }).label ?? [])
      const sessionId = /-([\da-f]{32})\.jsonl$/.exec(name)?.[1]
      return { sessionId, of: (JSON.parse(header) as { conversation?: string }).conversation, labels }
    }),
  )
  return recorded.filter(({ of }) => of === 'moonlight stream')
}
