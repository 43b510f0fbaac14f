import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import { systemClock as clock } from '../../../../src/kernel/clock.ts'
import { findExecutable } from '../../../../src/host/child/find-executable.ts'
import { whyNoSandbox } from '../../../../src/host/run/sandbox/why-no-sandbox.ts'
import { endedLobby } from '../../../../src/wire/api/resources.ts'
import { eventually } from '../../../support/eventually.ts'
import { processesOfLobby } from '../../../support/processes-of.ts'
import { engine, recordedBytes, scene } from './scene.ts'

const data = join(scene.house.directory, 'data')

async function showsItself(appId: string, title: string): Promise<void> {
  const lobby = await scene.house.openLobby(appId, title)
  const viewer = await scene.sit()
  await viewer.stepInto(title)
  await viewer.untilColour({ x: 0.2, y: 0.3 }, [0x20, 0x60, 0xa0])
  if (process.env['PICTURES']) await viewer.page.screenshot({ path: `${process.env['PICTURES']}/${appId}.png` })
  assert.equal(await readFile(join(data, 'homes', appId, 'default/kept'), 'utf8'), 'kept\n')
  const output = await scene.house.api('GET', `lobbies/${lobby.id}/output`)
  assert.match(output.text, new RegExp(`hello from inside, where porchlight-${lobby.id}-microphone is heard`))
  const recorded = await eventually(
    () => readFile(join(data, 'homes', appId, 'default/recorded')).catch(() => Buffer.alloc(0)),
    ({ length }) => length === recordedBytes,
    { what: 'something recorded from the microphone' },
  )
  assert.ok(
    recorded.every((byte) => byte === 0),
    'nobody speaks',
  )
  await scene.house.api('DELETE', `lobbies/${lobby.id}`)
  assert.deepEqual(await processesOfLobby(lobby.id), [])
}

const noSandbox = await whyNoSandbox(await findExecutable('bwrap'), clock)

scene.test('an app in a sandbox is seen in its lobby', async (t) => {
  if (noSandbox !== undefined) return t.skip(noSandbox)
  await showsItself('shut', 'Shut in')
})

scene.test('an app in a container is seen in its lobby, and gone with it', async (t) => {
  if (typeof engine === 'string') return t.skip(engine)
  await showsItself('boxed', 'Boxed')
  assert.equal(await engine.podman('ps', '--all', '--quiet'), '')
})

scene.test('an app whose image is not there ends its lobby with what to do', async (t) => {
  if (typeof engine === 'string') return t.skip(engine)
  const { id } = (await scene.house.api('POST', 'lobbies', { body: { appId: 'nowhere' } })).json() as { id: string }
  const ended = await eventually(
    async () => v.parse(v.array(endedLobby), (await scene.house.api('GET', 'ended-lobbies')).json()),
    (lobbies) => lobbies.some((each) => each.id === id),
    { what: 'the end of a lobby without an image', withinMs: 60_000 },
  )
  const lobby = ended.find((each) => each.id === id)
  assert.match(lobby?.reason ?? '', /There is no image localhost\/porchlight-none:1 here. Fetch it yourself/)
})
