import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { eventually } from '../../../../test/support/eventually.ts'
import { openXProgram } from '../../../../test/support/x-program.ts'
import { systemClock as clock } from '../../../kernel/clock.ts'
import { silentLog as log } from '../../../kernel/log.ts'
import type { Display } from '../contract/display.ts'
import { maxClipboardBytes } from '../../../domain/clipboard.ts'
import { openDisplay } from '../open-display.ts'
import { predefined } from './clipboard-atoms.ts'

const runtimeDirectory = await mkdtemp(join(tmpdir(), 'clipboard-'))
const display = await openDisplay({ runtimeDirectory, size: { width: 640, height: 480 }, layout: 'us', log, clock })
after(async () => {
  await display.close()
  await rm(runtimeDirectory, { recursive: true })
})

/** More than goes out in one piece, and all sorts of characters. */
const large = 'Grüße aus Köln, 5 €, 𝄞\n'.repeat(20_000)

/** What is told as copied from now on. */
function listen({ clipboard }: Display) {
  const heard: string[] = []
  const stop = clipboard.onCopy((text) => heard.push(text))
  return {
    heard,
    until: (text: string) =>
      eventually(
        () => heard.at(-1),
        (last) => last === text,
        { what: 'what was copied' },
      ),
    [Symbol.dispose]: stop,
  }
}

test('write gives a text to programs that paste, from both selections', async () => {
  await using program = await openXProgram(display)
  await display.clipboard.write('5 € — ñandú 𝄞')
  for (const selection of ['clipboard', 'primary'] as const) {
    assert.deepEqual(await program.paste(selection), { kind: 'text', text: '5 € — ñandú 𝄞' })
  }
})

test('what a program has copied can be pasted after its end, but not when it was taken back', async () => {
  await using reader = await openXProgram(display)
  {
    await using program = await openXProgram(display)
    await program.copy(large)
    using copies = listen(display)
    await program.copy('left behind')
    await copies.until('left behind')
  }
  const pasted = await eventually(
    () => reader.paste(),
    ({ kind }) => kind === 'text',
    { what: 'what the host keeps' },
  )
  assert.deepEqual(pasted, { kind: 'text', text: 'left behind' })
  await using secretive = await openXProgram(display)
  using copies = listen(display)
  await secretive.copy('secret')
  await copies.until('secret')
  secretive.x.tell(() => secretive.x.client.SetSelectionOwner(0, secretive.atoms.clipboard, 0))
  await secretive.x.roundTrip()
  assert.equal((await reader.paste()).kind, 'none')
})

test('both ways work on every display of the process, whatever numbers its server has for names', async () => {
  await using second = await openDisplay({
    runtimeDirectory,
    size: { width: 640, height: 480 },
    layout: 'us',
    log,
    clock,
  })
  await using elder = await openXProgram(display)
  await using program = await openXProgram(second)
  const intern = ({ x }: typeof program, name: string) =>
    x.ask<number>((answer) => x.client.InternAtom(false, name, answer))
  await Promise.all(Array.from({ length: 9 }, (_, index) => intern(elder, `ONLY_ON_THE_FIRST_${index}`)))
  const [one, two] = await Promise.all([intern(elder, 'ON_BOTH'), intern(program, 'ON_BOTH')])
  assert.notEqual(one, two, 'each server numbers by itself')
  await second.clipboard.write(large)
  const pasted = await program.paste()
  assert.ok(pasted.kind === 'text' && pasted.text === large, pasted.kind)
  using copies = listen(second)
  await program.copy('from the second display')
  await copies.until('from the second display')
})

test('write gives a large text in pieces, to several programs at once', async () => {
  await using program = await openXProgram(display)
  await using other = await openXProgram(display)
  await display.clipboard.write(large)
  for (const pasted of await Promise.all([program.paste(), other.paste()])) {
    assert.deepEqual(pasted, { kind: 'text', text: large })
  }
})

test('write answers several conversions at once, and marks those that it cannot do', async () => {
  await using program = await openXProgram(display)
  await display.clipboard.write('5 €')
  const { utf8, timestamp } = program.atoms
  const { pairs, contents } = await program.pasteMultiple([utf8, predefined.string, timestamp])
  assert.deepEqual([pairs[1] !== 0, pairs[3] !== 0, pairs[5] !== 0], [true, false, true])
  assert.equal(Buffer.from(contents[0]?.data ?? []).toString(), '5 €')
  assert.equal(contents[2]?.data.length, 4)
})

test('write of nothing takes a text away, its own and a copied one, and leaves what is no text', async () => {
  await using program = await openXProgram(display)
  await display.clipboard.write('of before')
  await display.clipboard.write('')
  for (const selection of ['clipboard', 'primary'] as const) {
    assert.deepEqual(await program.paste(selection), { kind: 'none' })
  }
  using heard = listen(display)
  await program.copy('copied in the app')
  await heard.until('copied in the app')
  await display.clipboard.write('')
  assert.deepEqual(await program.paste(), { kind: 'none' })
  await display.clipboard.write('next')
  assert.deepEqual(await program.paste(), { kind: 'text', text: 'next' })
})

test('write refuses more than the clipboard takes', async () => {
  await assert.rejects(display.clipboard.write('x'.repeat(maxClipboardBytes + 1)), { code: 'clipboard-too-large' })
  await assert.rejects(display.clipboard.write('€'.repeat(maxClipboardBytes / 2)), { code: 'clipboard-too-large' })
})

test('onCopy tells what a program copies, small and large, and nothing that was written', async () => {
  await using program = await openXProgram(display)
  using told = listen(display)
  await program.copy('from a program')
  await told.until('from a program')
  await display.clipboard.write('from outside')
  await program.copy(large)
  await told.until(large)
  assert.deepEqual(told.heard, ['from a program', large])
})

test('write leaves a program what it copied when the text is the same', async () => {
  await using program = await openXProgram(display)
  await using other = await openXProgram(display)
  using told = listen(display)
  await program.copy('with formats')
  await told.until('with formats')
  await display.clipboard.write('with formats')
  assert.equal(await ownerOf(program.x, program.atoms.clipboard), program.window)
  await display.clipboard.write('newer')
  assert.deepEqual(await other.paste(), { kind: 'text', text: 'newer' })
})

test('onCopy survives owners that refuse, lie, flood, stop half way or never answer', { timeout: 60_000 }, async () => {
  await using program = await openXProgram(display)
  await using bad = await openXProgram(display)
  using told = listen(display)
  const { atoms } = bad
  const ways: Record<string, Parameters<typeof bad.copyBadly>[0]> = {
    'refuses everything': (request) => bad.notify(request, 0),
    'says it is done, and did nothing': (request) => bad.notify(request, request.property ?? 0),
    'answers to another property': (request) => bad.notify(request, atoms.stamp),
    'offers images only': (request) => {
      bad.put(request, predefined.atom, 32, new Uint8Array(4))
      bad.notify(request, request.property ?? 0)
    },
    'gives far too much': (request) => {
      if (request.target === atoms.targets) return bad.notify(request, 0)
      for (let part = 0; part < 40; part++) {
        const { requestor = 0, property = 0 } = request
        bad.x.tell(() =>
          bad.x.client.ChangeProperty(2, requestor, property, atoms.utf8, 8, Buffer.alloc(64 * 1024, 'x')),
        )
      }
      bad.notify(request, request.property ?? 0)
    },
    'promises pieces and gives none': (request) => {
      if (request.target === atoms.targets) return bad.notify(request, 0)
      bad.put(request, atoms.incr, 32, Uint8Array.of(0, 0, 1, 0))
      bad.notify(request, request.property ?? 0)
    },
    'never answers': () => {},
  }
  for (const [way, answer] of Object.entries(ways)) {
    const asked = Promise.withResolvers<void>()
    await bad.copyBadly((request) => {
      answer(request)
      // Xvnc itself asks too.
      if (atoms.inboxes.includes(request.property ?? 0)) asked.resolve()
    })
    await asked.promise
    await program.copy(`after one who ${way}`)
    await told.until(`after one who ${way}`)
  }
  assert.equal(told.heard.length, Object.keys(ways).length)
})

test('a program that fetches a large text and stops half way holds nobody up', async () => {
  await display.clipboard.write(large)
  for (let count = 0; count < 12; count++) {
    await using rude = await openXProgram(display)
    const [inbox = 0] = rude.atoms.inboxes
    rude.x.tell(() => rude.x.client.ConvertSelection(rude.window, rude.atoms.clipboard, rude.atoms.utf8, inbox, 0))
    await rude.x.roundTrip()
  }
  await using program = await openXProgram(display)
  await eventually(
    () => program.paste(),
    (content) => content.kind === 'text' && content.text === large,
    { what: 'a paste after those who stopped', withinMs: 20_000 },
  )
})

function ownerOf(x: Awaited<ReturnType<typeof openXProgram>>['x'], selection: number): Promise<number> {
  return x.ask((answer) => x.client.GetSelectionOwner(selection, answer))
}
