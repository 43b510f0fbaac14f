import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { WireRig } from '../../test/support/moonlight/wire-rig.ts'
import { temporaryDirectory } from '../../test/support/temporary-directory.ts'
import { planConversation } from '../kernel/monitor/conversation.ts'
import { Recording } from '../kernel/monitor/recording.ts'
import { sealRecording } from '../kernel/monitor/recording-seal.ts'
import { openRecordingKey, publicKeyFile } from '../server/recordings/recording-key.ts'
import { signalling } from '../wire/signal/protocol.ts'
import { knownSignalling } from '../wire/signal/versions.ts'
import kept from '../wire/signal/versions.json' with { type: 'json' }
import type { CommandContext } from './contract/command.ts'
import { exitCode } from './contract/exit-code.ts'
import { readInputFile } from './terminal/read-input-file.ts'
import { runCommand } from './run-command.ts'

/** Runs `porchlight replay FILE` on a file with this text. */
async function replayText(t: TestContext, text: string, ...flags: string[]) {
  const directory = mkdtempSync(join(tmpdir(), 'replay-'))
  t.after(() => rmSync(directory, { recursive: true }))
  writeFileSync(join(directory, 'recording.jsonl'), text)
  const written = { output: '', errors: '' }
  const terminal = (name: keyof typeof written) => ({
    isTTY: false,
    columns: 80,
    write: (more: string) => void (written[name] += more),
  })
  const context: CommandContext = {
    args: ['replay', 'recording.jsonl', ...flags],
    environment: {},
    directory,
    output: terminal('output'),
    errors: terminal('errors'),
    process: { on: () => {}, off: () => {} } as unknown as CommandContext['process'],
    exit: () => {},
  }
  return { code: await runCommand(context), ...written }
}

function recordingOf(said: readonly ['sent' | 'received', string][]): string {
  const recording = new Recording(planConversation(signalling, 'host'), { capacity: 100 })
  for (const [index, [direction, label]] of said.entries()) recording.add({ atMs: index * 1500, direction, label })
  return recording.format()
}

test('replay prints what was said when all went well', async (t) => {
  const { code, output } = await replayText(
    t,
    recordingOf([
      ['sent', 'ready'],
      ['received', 'offer'],
      ['sent', 'signal'],
    ]),
  )
  assert.equal(code, exitCode.ok)
  assert.match(output, /1\.500 s {2}host <- offer\n +3\.000 s {2}host -> signal\n3 messages, all as the protocol wants/)
})

test('replay shows what a Moonlight client said last, and where it broke the protocol', async (t) => {
  const play = async (end: (rig: WireRig) => void) => {
    using rig = new WireRig({ limitBps: 2_000_000 })
    rig.play(500)
    end(rig)
    await rig.viewer.close()
    return { faults: rig.faults, ...(await replayText(t, rig.recording ?? '')) }
  }
  const well = await play(() => {})
  assert.equal(well.code, exitCode.ok)
  assert.match(
    well.output,
    /host <- options\n.*host -> accepted\n[^]*host <- play\n[^]*host <- key-picture\n[^]*host <- ping\n/,
  )
  const badly = await play((rig) => rig.say(0, 0x7777, new Uint8Array(3)))
  assert.deepEqual(badly.faults, ['unknown-type'])
  assert.equal(badly.code, exitCode.failed)
  assert.match(badly.output, /host <- unreadable\nViolation: /)
})

test('replay plays the recording of an older version by that version', async (t) => {
  const [older] = kept
  const plan = knownSignalling().plan('host', older?.fingerprint ?? '')
  assert.ok(plan && plan.fingerprint !== planConversation(signalling, 'host').fingerprint)
  const recording = new Recording(plan, { capacity: 100 })
  for (const direction of ['sent', 'received'] as const) {
    recording.add({ atMs: 0, direction, label: direction === 'sent' ? 'ready' : 'offer' })
  }
  const { code, output } = await replayText(t, recording.format())
  assert.equal(code, exitCode.ok, output)
  assert.match(output, /2 messages, all as the protocol wants/)
})

test('replay names what was expected and what came when the protocol was broken', async (t) => {
  const { code, output } = await replayText(
    t,
    recordingOf([
      ['sent', 'ready'],
      ['received', 'offer'],
      ['received', 'offer'],
    ]),
  )
  assert.equal(code, exitCode.failed)
  assert.match(
    output,
    /Violation: negotiation: host received "offer" from client; expected to send "signal" to client or/,
  )
})

test('replay --verify tells whether a recording is as it was kept', async (t) => {
  const data = temporaryDirectory(t)
  const key = openRecordingKey(data)
  const recording = recordingOf([['sent', 'ready']])
  const sealed = sealRecording(recording, key)
  const whole = await replayText(t, sealed, '--verify', '--data', data)
  assert.equal(whole.code, exitCode.ok, whole.errors)
  assert.match(whole.output, /^Seal: the recording is as it was kept\n.*\n1 messages, all as the protocol wants/)
  const altered = await replayText(t, sealed.replace('ready', 'error'), '--verify', '--key', publicKeyFile(data))
  assert.equal(altered.code, exitCode.failed)
  assert.match(altered.output, /^Seal: the recording has been altered: its lines are not those that were sealed\n$/)
  assert.match((await replayText(t, recording, '--verify', '--data', data)).output, /^Seal: there is none\n$/)
  const { code, errors } = await replayText(t, sealed, '--verify', '--data', temporaryDirectory(t))
  assert.notEqual(code, exitCode.ok)
  assert.match(errors, /Cannot use .* to check seals/)
  assert.equal((await replayText(t, sealed)).code, exitCode.ok, 'a seal is not in the way')
})

test('replay says what is wrong with a file that is no recording', async (t) => {
  const { code, errors } = await replayText(t, 'hello\n')
  assert.equal(code, exitCode.failed)
  assert.match(errors, /Line 1 of the recording is not JSON/)
})

test('replay shows what a file holds without obeying it', async (t) => {
  const { output } = await replayText(t, recordingOf([['received', '\u001b[2J']]))
  assert.ok(!output.includes('\u001b'))
  assert.match(output, /host <- "\\u001b\[2J"/)
})

test('replay and import read no more than there can be, also of what has no end', async (t) => {
  const directory = temporaryDirectory(t)
  symlinkSync('/dev/zero', join(directory, 'zero'))
  const options = { what: 'Cannot replay', mostBytes: 1000 }
  const path = join(directory, 'zero')
  const refusal = { code: 'wrong-arguments', message: `Cannot replay ${path}: it has more than 1000 bytes` }
  assert.throws(() => readInputFile(path, options), refusal)
  writeFileSync(join(directory, 'file'), 'x'.repeat(1000))
  assert.equal(readInputFile(join(directory, 'file'), options).length, 1000)
  // What comes through a pipe is taken: `import <(...)`.
  execFileSync('mkfifo', [join(directory, 'pipe')])
  spawn('sh', ['-c', `echo hello > ${join(directory, 'pipe')}`])
  assert.equal(readInputFile(join(directory, 'pipe'), options), 'hello\n')
})
