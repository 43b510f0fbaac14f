import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ServerError } from '../contract/server-error.ts'
import { readConfig } from './config.ts'
import { allOptions, configOptions } from './config-options.ts'
import { readValue, settingOf } from './setting-layers.ts'

const home = { HOME: '/home/ada' }
const nothing = { flags: {}, environment: home, kept: new Map() }

test('every setting takes its example from each place, the flag first, then the variable, then the database', () => {
  for (const option of allOptions()) {
    const { flag, variable, example, repeated, placeholder, isKept } = option
    const read = readValue(option, repeated ? [example] : example)
    assert.ok('value' in read, flag)
    const said = {
      flags: { [flag]: placeholder === undefined ? true : repeated ? [example] : example },
      environment: { ...home, [variable]: flag === 'ice-server' ? `[{"urls":"${example}"}]` : example },
      kept: new Map([[flag, option.tell(read.value)]]),
    }
    const { environment, kept } = said
    const value = read.value
    assert.deepEqual(settingOf(option, said), { value, source: 'flag', unusable: undefined }, flag)
    assert.deepEqual(
      settingOf(option, { ...said, flags: {} }),
      { value, source: 'variable', unusable: undefined },
      flag,
    )
    const third = settingOf(option, { ...nothing, kept })
    assert.deepEqual([third.source, third.value], isKept ? ['database', value] : ['default', undefined], flag)
    assert.equal(settingOf(option, nothing).source, 'default', flag)
    assert.equal(settingOf(option, { ...nothing, environment: { ...environment, [variable]: '' } }).source, 'default')
  }
})

test('every setting refuses what it is not by its name, with what was wanted and an example', () => {
  for (const option of allOptions()) {
    if (!option.isKept) continue
    for (const wrong of [{}, [{}], '', 'not\0so', Number.NaN, 1e9, null]) {
      const held = settingOf(option, { ...nothing, kept: new Map([[option.flag, wrong]]) })
      assert.equal(held.source, 'default', `${option.flag} ${JSON.stringify(wrong)}`)
      const message = held.unusable ?? ''
      assert.ok(message.startsWith(`Cannot use ${option.flag}: got `), message)
      assert.ok(message.includes(option.wanted) && message.includes(`${option.example} for instance`), message)
    }
  }
})

test('what the database says and cannot be is passed over, and all the rest is used', () => {
  const kept = new Map<string, unknown>([
    ['port', 'eighty'],
    ['lobbies', 5],
    ['record', 'here/below'],
    ['of-a-later-version', true],
    ['tls-cert', '/a.pem'],
    ['data', '/elsewhere'],
  ])
  const config = readConfig({}, home, '/work', kept)
  assert.deepEqual(
    [config.port, config.lobbies, config.recordDirectory, config.tls.kind, config.dataDirectory],
    [8080, 5, undefined, 'own', '/home/ada/.local/share/porchlight'],
  )
  assert.deepEqual(
    config.unusable.map((each) => /^Cannot use ([\w-]+)(?:: got ("[^"]+"))?/.exec(each)?.slice(1)),
    [
      ['record', '"here/below"'],
      ['port', '"eighty"'],
      ['tls-cert', undefined],
    ],
  )
})

test('a wrong flag or variable ends the start, whatever the database says, and a secret is not repeated', () => {
  const kept = new Map([['port', 9000]])
  for (const [flags, environment] of [
    [{ port: 'x' }, home],
    [{}, { ...home, PORCHLIGHT_PORT: 'x' }],
  ] as const) {
    assert.throws(() => readConfig(flags, environment, '/', kept), ServerError)
  }
  const held = settingOf(configOptions.iceServers, {
    ...nothing,
    kept: new Map([['ice-server', ['turn:x y,ada,swordfish']]]),
  })
  assert.ok(held.unusable !== undefined && !held.unusable.includes('swordfish'))
})
