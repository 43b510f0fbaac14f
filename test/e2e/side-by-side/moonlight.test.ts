import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import * as v from 'valibot'
import { moonlight, session } from '../../../src/wire/api/resources.ts'
import { SurroundDecoder } from '../../../src/media/testing/surround-decoder.ts'
import { nalUnits } from '../../../src/wire/rtp/annex-b.ts'
import { eventually } from '../../support/eventually.ts'
import { MoonlightClient } from '../../support/moonlight/moonlight-client.ts'
import { openScene } from '../../support/scene.ts'

/** Not one of those that the system gives away by itself. */
const port = randomInt(12_000, 30_000)
const recordings = await mkdtemp(join(tmpdir(), 'moonlight-recordings-'))
after(() => rm(recordings, { recursive: true }))
const scene = await openScene({
  flags: ['--no-lobby', '--moonlight', 'on', '--moonlight-port', `${port}`, '--record', recordings],
})
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

  const [own] = (await sessions()).filter(({ device }) => device?.kind === 'certificate')
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
  await eventually(
    sessions,
    (now) => now.some(({ device, lobbyId }) => device?.kind === 'certificate' && lobbyId === lobby.id),
    { what: 'the client in its lobby' },
  )
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

function virtualKeys(text: string): number[] {
  return Array.from(text, (character) => character.charCodeAt(0))
}

/** Types what the TV shows, as soon as it waits. */
async function type(pin: string): Promise<void> {
  const look = async () => v.parse(moonlight, (await house.api('GET', 'moonlight')).json())
  const { pairings } = await eventually(look, (now) => now.pairings.length > 0, { what: 'a client that waits' })
  const { status } = await house.api('POST', `moonlight/pairings/${pairings[0]?.id}`, { body: { pin, name: 'TV' } })
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
