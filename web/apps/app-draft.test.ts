import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AppDefinition } from '../../src/client/index.ts'
import { definitionOf, draftOf, emptyDraft } from './app-draft.ts'

const definitions: readonly AppDefinition[] = [
  { title: 'Top', command: ['xterm', '-e', 'sh', '-c', `echo "it's"`] },
  {
    title: 'All',
    command: ['game'],
    environment: { LANG: 'C', EMPTY: '' },
    directory: '/srv',
    size: '1920x1080',
    fps: 30,
    sound: false,
    icon: 'firefox',
    video: { codecs: ['vp8', 'h264'], maxMbps: 2.5, preset: 'quality' },
    onExit: 'restart',
    profile: 'arcade',
    limits: { memory: '1 GiB' },
    sandbox: { network: true },
  },
  { container: { image: 'debian:12' }, title: 'Boxed' },
  { kind: 'test-pattern', title: 'Card', lines: ['One', 'Two'] },
  { kind: 'test-pattern' },
  { command: ['film'], sound: '5.1' },
  { kind: 'test-pattern', sound: '7.1' },
]

test('a definition that is edited and left alone stays what it is', () => {
  for (const definition of definitions) assert.deepEqual(definitionOf(draftOf(definition)), definition)
})

test('a draft that nobody has written in says nothing but what it is', () => {
  assert.deepEqual(definitionOf(emptyDraft), {})
  assert.deepEqual(definitionOf({ ...emptyDraft, kind: 'test-pattern' }), { kind: 'test-pattern' })
})

test('a draft is sent so that the host can say what is wrong with it', () => {
  const draft = {
    ...emptyDraft,
    size: '800 × 600',
    fps: 'many',
    maxMbps: '2,5',
    environment: [{ name: '', value: 'x' }],
  }
  assert.deepEqual(definitionOf(draft), { size: '800x600', fps: 0, video: { maxMbps: 2.5 }, environment: { '': 'x' } })
})

test('a sandbox is turned on and off, and keeps what it lets in', () => {
  const draft = draftOf({ command: ['a'], sandbox: { network: true } })
  assert.deepEqual(definitionOf({ ...draft, isSandboxed: false }), { command: ['a'] })
  assert.deepEqual(definitionOf({ ...emptyDraft, command: 'a', isSandboxed: true }), { command: ['a'], sandbox: true })
})
