import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test, type TestContext } from 'node:test'
import { Decoder, Demuxer } from 'node-av/api'
import { dyingWithParent } from '../../../../src/os/child/dying-with-parent.ts'
import { eventually } from '../../../support/eventually.ts'
import { openHome } from '../../../support/porchlight-home.ts'
import { scene } from './scene.ts'
import { temporaryDirectory } from '../../../support/temporary-directory.ts'

const examples = join(import.meta.dirname, '../../../../examples/client')
const { house } = scene
const terminal = scene.lobby('terminal', 'Terminal')

terminal.test('ten lines put a live app into a page of another origin, and come back to it', async (t) => {
  const { link } = await house.invite(terminal.id, 'player')
  const server = createServer((_request, response) => {
    void readFile(join(examples, 'page.html')).then((page) => response.setHeader('Content-Type', 'text/html').end(page))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const viewer = await scene.sit({ link: `${origin}/page.html?link=${encodeURIComponent(link)}` })
  await viewer.page.waitForFunction('document.title === "connected"')
  await viewer.takeControl()
  await viewer.enter('echo from elsewhere > page')
  assert.equal(await terminal.machine.textOf('terminal', 'page', (text) => text.endsWith('\n')), 'from elsewhere\n')
  const sessions = async () => ((await house.api('GET', 'sessions')).json() as { id: string }[]).map(({ id }) => id)
  const before = await sessions()
  await viewer.page.reload()
  await viewer.page.waitForFunction('document.title === "connected"')
  assert.deepEqual(await sessions(), before, 'a page that is loaded again is in the same session')
  const lines = (await readFile(join(examples, 'page.html'), 'utf8')).split('\n').length
  assert.ok(lines < 20, `${lines} lines`)
})

scene.test('a program records picture and sound, and what it wrote can be played', async (t) => {
  const lobby = await house.openLobby('test-pattern')
  const { link } = await house.invite(lobby.id, 'viewer')
  const file = join(temporaryDirectory(t), 'lobby.mkv')
  const program = run(t, 'record.ts', link, file, '3')
  const [code] = await once(program.child, 'exit')
  assert.equal(code, 0, program.said.join('\n'))
  const { pictures, seconds, loudest } = await play(file)
  t.diagnostic(`${pictures} pictures in ${seconds.toFixed(2)} s, the loudest sample is ${loudest.toFixed(2)}`)
  assert.ok(pictures > 60 && seconds > 2 && seconds < 4, `${pictures} pictures in ${seconds} s`)
  assert.ok(loudest > 0.01, 'the tone is in it')
  await house.api('DELETE', `lobbies/${lobby.id}`)
})

test('what is typed into a chat while the host is killed is said once it is back, once and in order', async (t) => {
  const home = await openHome(t)
  const first = await home.start()
  const [lobby] = await home.lobbies(first)
  const { link } = await first.invite(lobby?.id ?? '', 'player')
  const [writer, reader] = [run(t, 'chat.ts', link), run(t, 'chat.ts', link)]
  await Promise.all([writer.hears('(connected)'), reader.hears('(connected)')])
  writer.says('one')
  await reader.hears('you: one')
  await first.stop('SIGKILL')
  await writer.hears('(reconnecting)')
  writer.says('two')
  writer.says('three')
  await home.start({ flags: ['--port', String(first.port)] })
  writer.says('four')
  await reader.hears('you: four')
  writer.child.stdin?.end()
  const [code] = await once(writer.child, 'exit')
  assert.equal(code, 0)
  const said = reader.said.filter((line) => line.startsWith('you: '))
  assert.deepEqual(said, ['you: one', 'you: two', 'you: three', 'you: four'])
})

/** Runs an example until the test ends. */
function run(t: TestContext, name: string, ...args: readonly string[]) {
  const [command, ...rest] = dyingWithParent(process.env['PATH'], [process.execPath, join(examples, name), ...args])
  const child = spawn(command, rest, { stdio: ['pipe', 'pipe', 'pipe'] })
  const said: string[] = []
  for (const input of [child.stdout, child.stderr]) createInterface({ input }).on('line', (line) => said.push(line))
  t.after(() => void child.kill('SIGKILL'))
  return {
    child,
    said,
    says: (line: string) => void child.stdin.write(`${line}\n`),
    hears: (line: string) =>
      eventually(
        () => said,
        (lines) => lines.includes(line),
        { what: `"${line}"`, withinMs: 30_000 },
      ),
  }
}

/** Decodes all of a file. */
async function play(file: string): Promise<{ pictures: number; seconds: number; loudest: number }> {
  await using input = await Demuxer.open(file)
  const [video, audio] = [input.video(), input.audio()]
  assert.ok(video && audio)
  using pictures = await Decoder.create(video)
  using sound = await Decoder.create(audio)
  const seen = { pictures: 0, seconds: 0, loudest: 0 }
  for await (const packet of input.packets()) {
    if (!packet) break
    if (packet.streamIndex === video.index) {
      for (const frame of await pictures.decodeAll(packet)) {
        seen.pictures++
        seen.seconds = Number(frame.pts) * (video.timeBase.num / video.timeBase.den)
      }
    } else {
      for (const frame of await sound.decodeAll(packet)) {
        const [plane] = frame.data ?? []
        if (!plane) continue
        const samples = new Float32Array(plane.buffer, plane.byteOffset, frame.nbSamples)
        for (const sample of samples) seen.loudest = Math.max(seen.loudest, Math.abs(sample))
      }
    }
  }
  return seen
}
