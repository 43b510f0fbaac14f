import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from '../../../kernel/manual-clock.ts'
import { Answering } from './answering.ts'

const head = 'v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n'
const video = 'm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:0\r\n'
const audio = 'm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:1\r\n'
const lines = 'a=candidate:1\r\na=candidate:2\r\na=end-of-candidates\r\n'

function openAnswering(withCandidates: boolean) {
  const clock = new ManualClock()
  const said: string[] = []
  const answering = new Answering({
    clock,
    withCandidates,
    answer: (sdp) => said.push(sdp),
    candidate: (candidate) => said.push(candidate),
  })
  return { clock, said, answering }
}

test('Answering tells candidates after the answer, in their order', () => {
  const { answering, said } = openAnswering(false)
  answering.candidate('candidate:1')
  assert.deepEqual(said, [])
  answering.answer(head + video)
  answering.candidate('candidate:2')
  answering.gathered()
  assert.deepEqual(said, [head + video, 'candidate:1', 'candidate:2'])
})

test('Answering puts candidates into the answer for who takes them nowhere else', () => {
  for (const [sections, wanted] of [
    [video + audio, head + video + lines + audio],
    [video, head + video + lines],
  ] as const) {
    const { answering, said, clock } = openAnswering(true)
    answering.candidate('candidate:1')
    answering.answer(head + sections)
    answering.candidate('candidate:2')
    assert.deepEqual(said, [])
    answering.gathered()
    answering.candidate('candidate:3')
    assert.deepEqual(said, [wanted])
    assert.equal(clock.pending, 0)
  }
})

test('Answering does not wait for ever for a server that does not answer', () => {
  const { answering, said, clock } = openAnswering(true)
  answering.candidate('candidate:1')
  answering.answer(head + video)
  answering.candidate('candidate:2')
  clock.advance(1000)
  answering.gathered()
  assert.deepEqual(said, [head + video + lines])
})

test('Answering says nothing after its end', () => {
  const { answering, said, clock } = openAnswering(true)
  answering.answer(head + video)
  answering.close()
  answering.gathered()
  clock.advance(1000)
  assert.deepEqual(said, [])
  assert.equal(clock.pending, 0)
})
