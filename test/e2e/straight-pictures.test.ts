import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { silentLog } from '../../src/kernel/log.ts'
import { UnitInlets } from '../../src/media/contract/unit-inlets.ts'
import { openMediaProcess } from '../../src/media/media-process.ts'
import { eventually } from '../support/eventually.ts'
import { openGatewayRig, owner } from '../support/gateway-rig.ts'

const program = fileURLToPath(new URL('../support/noting-receiver-process.ts', import.meta.url))
const card = { kind: 'test-pattern', width: 320, height: 180, fps: 30, tone: undefined } as const

/** A host over real media and viewer processes, and somebody in a process of their own who notes each picture. */
async function openNoted(t: TestContext) {
  const directory = await mkdtemp(join(tmpdir(), 'straight-'))
  const inlets = new UnitInlets(directory)
  const media = await openMediaProcess({ name: 'straight', log: silentLog, inlets })
  t.after(() => media.close())
  const rig = await openGatewayRig(t, {
    inlets,
    parts: { openWaitingRoom: (id, text) => media.addProducer(id, { ...card, ...text }) },
  })
  const file = join(directory, 'pictures')
  const receiver = fork(program, [rig.url(owner), file])
  t.after(async () => {
    const gone = once(receiver, 'exit')
    receiver.disconnect()
    await gone
    await rm(directory, { recursive: true, force: true })
  })
  const noted = () => readFile(file, 'utf8').catch(() => '')
  const pictures = (more: number) =>
    eventually(noted, ({ length }) => length >= more, { what: `${more} pictures`, withinMs: 60_000 })
  return { rig, media, inlets, file, noted, pictures }
}

/** Keeps this process's event loop from turning until it is so; whether it became so. */
function holdLoopUntil(isSo: () => boolean): boolean {
  const sleeper = new Int32Array(new SharedArrayBuffer(4))
  for (let tries = 0; tries < 3000; tries++) {
    if (isSo()) return true
    Atomics.wait(sleeper, 0, 0, 10)
  }
  return false
}

test('pictures go on while the server does nothing at all', async (t) => {
  const { file, pictures } = await openNoted(t)
  const before = (await pictures(20)).length
  // As many as are never on their way at once.
  const went = holdLoopUntil(() => readFileSync(file).length >= before + 30)
  assert.ok(went, 'pictures came to a viewer while the event loop of the server stood still')
})

test('a media process that is killed comes back to its viewers, and so do they to a viewer process', async (t) => {
  const { rig, media, inlets, noted, pictures } = await openNoted(t)
  await pictures(10)
  const [first] = inlets.open.value
  process.kill(media.pid.value ?? assert.fail('there is no media process'), 'SIGKILL')
  await eventually(
    async () => media.restarts,
    (times) => times === 1,
    { what: 'another media process', withinMs: 60_000 },
  )
  const between = await noted()
  const after = await pictures(between.length + 20)
  assert.match(after.slice(between.length), /^p{0,30}k/, 'another key picture of the other process comes first')
  assert.equal(inlets.open.value[0], first)

  const { pid } = rig.gateway.viewerProcess
  process.kill(pid.value ?? assert.fail('there is no viewer process'), 'SIGKILL')
  await eventually(
    async () => inlets.open.value,
    ([inlet]) => inlet !== undefined && inlet !== first,
    { what: 'another inlet', withinMs: 60_000 },
  )
  assert.equal(inlets.open.value.length, 1)
  const next = await rig.watching()
  await next.until(({ counts }) => counts.pictures > 5, 'pictures by the other viewer process')
})
