import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from '../../kernel/manual-clock.ts'
import type { SeenLobby } from '../../party/share/lobby-looks.ts'
import { jpegOf } from '../../../test/support/jpeg-of.ts'
import { stillTag } from '../http/thumbnail.ts'
import { PeerLooks } from './peer-looks.ts'

const jpeg = jpegOf(480, 270)

function open() {
  const clock = new ManualClock()
  const asked: [string, string, string | undefined][] = []
  const state: { answer: SeenLobby | Error } = { answer: { type: 'picture', tag: '"a"', jpeg } }
  const looks = new PeerLooks({
    look: async (peerId, { lobbyId, tag }) => {
      asked.push([peerId, lobbyId, tag])
      if (state.answer instanceof Error) throw state.answer
      return state.answer
    },
    clock,
  })
  return { clock, asked, state, looks }
}

test('pages that look at once ask a member once, and again after a while with what is known', async () => {
  const { clock, asked, state, looks } = open()
  const seen = await Promise.all([looks.pictureOf('ada', 'one'), looks.pictureOf('ada', 'one')])
  assert.deepEqual(
    seen.map((each) => each?.tag),
    [stillTag(jpeg), stillTag(jpeg)],
  )
  await looks.pictureOf('ada', 'two')
  clock.advance(3000)
  state.answer = { type: 'unchanged' }
  assert.deepEqual((await looks.pictureOf('ada', 'one'))?.jpeg, jpeg)
  assert.deepEqual(asked, [
    ['ada', 'one', undefined],
    ['ada', 'two', undefined],
    ['ada', 'one', '"a"'],
  ])
})

test('a member who refuses, shows nothing or does not answer shows nothing, and no more pictures are kept than may be', async () => {
  const { clock, asked, state, looks } = open()
  await looks.pictureOf('ada', 'one')
  for (const answer of [{ type: 'refused' }, { type: 'nothing' }, new Error('gone')] as const) {
    clock.advance(3000)
    state.answer = answer
    assert.equal(await looks.pictureOf('ada', 'one'), undefined)
  }
  assert.equal(asked.at(-1)?.[2], undefined, 'what is not shown any more is not kept')
  for (let lobby = 0; lobby < 200; lobby++) await looks.pictureOf('ada', `lobby ${lobby}`)
  const before = asked.length
  await looks.pictureOf('ada', 'lobby 0')
  await looks.pictureOf('ada', 'lobby 199')
  assert.equal(asked.length, before + 1, 'the oldest was forgotten, the newest was not')
})

test('what a member says of a picture is in no header, and what is no small JPEG is not shown', async () => {
  const { clock, state, looks } = open()
  state.answer = { type: 'picture', tag: '"\r\nSet-Cookie: x', jpeg }
  assert.equal((await looks.pictureOf('eve', 'one'))?.tag, stillTag(jpeg))
  for (const bad of [jpegOf(481, 1), jpegOf(0xffff, 0xffff), new TextEncoder().encode('<svg/>'), new Uint8Array(0)]) {
    clock.advance(3000)
    state.answer = { type: 'picture', tag: '"b"', jpeg: bad }
    assert.equal(await looks.pictureOf('eve', 'one'), undefined)
  }
})
