import assert from 'node:assert/strict'
import { test } from 'node:test'
import { propertyEnv, readTestArgs } from '../../scripts/setup/test-args.mjs'

test('npm test runs everything on the usual cases when nothing is asked', () => {
  const args = readTestArgs([])
  assert.deepEqual(args, { parts: [], namePatterns: [], onlyChanged: false, seed: undefined, runs: 1, shrinks: false })
  assert.deepEqual(propertyEnv(args), {})
})

test('npm test takes its options in any order, their values behind a space or an equals sign', () => {
  const args = readTestArgs([
    '--seed',
    '-7',
    'kernel/',
    '--runs=50',
    '--changed',
    '--test-name-pattern=a b',
    '--shrink',
  ])
  assert.deepEqual(args, {
    parts: ['kernel/'],
    namePatterns: ['a b'],
    onlyChanged: true,
    seed: -7,
    runs: 50,
    shrinks: true,
  })
  assert.deepEqual(propertyEnv(args), {
    PORCHLIGHT_PROPERTY_SEED: '-7',
    PORCHLIGHT_PROPERTY_RUNS: '50',
    PORCHLIGHT_PROPERTY_SHRINK: '1',
  })
})

test('npm test draws one seed for all files when it is to be random', () => {
  assert.equal(readTestArgs(['--seed', 'random'], () => 0.5).seed, 2 ** 30 - 1)
})

test('npm test refuses options that there are not, and values that are none', () => {
  assert.throws(() => readTestArgs(['--sed', '1']), /Cannot test with --sed: there are .*--seed/)
  for (const args of [['--seed'], ['--seed', '1.5'], ['--seed=4294967296'], ['--runs', '0'], ['--runs=many'], ['-x']])
    assert.throws(() => readTestArgs(args), /^Error: Cannot test with --?(seed "|runs "|x: )/, args.join(' '))
})
