import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parseArgs } from 'node:util'
import { configFlags, configOptions } from './config-options.ts'
import { readConfig, type Environment } from './config.ts'
import { readPortRanges, usualGamePorts } from '../../party/broadcast/game-ports.ts'
import { ServerError } from '../contract/server-error.ts'

function read(args: string[], environment: Environment = {}) {
  const { values } = parseArgs({ args, options: configFlags() })
  return readConfig(values, { HOME: '/home/ada', ...environment }, '/work')
}

const refuses = (message: RegExp) => (error: unknown) =>
  error instanceof ServerError && error.code === 'invalid-config' && message.test(error.message)

test('readConfig takes TURN servers with the file of their secret, and neither alone', () => {
  const { turn } = read(['--turn', 'turn:turn.test:3478', '--turn', 'turns:turn.test', '--turn-secret-file', 'secret'])
  assert.deepEqual(turn, { urls: ['turn:turn.test:3478', 'turns:turn.test'], secretFile: '/work/secret' })
  const both = { PORCHLIGHT_TURN: 'turn:a.test,turn:[2001:db8::1]:99?transport=tcp', PORCHLIGHT_TURN_SECRET_FILE: '/s' }
  assert.deepEqual(read([], both).turn?.urls, ['turn:a.test', 'turn:[2001:db8::1]:99?transport=tcp'])
  assert.throws(() => read(['--turn', 'turn:a.test']), refuses(/--turn alone: wanted --turn-secret-file/))
  assert.throws(() => read(['--turn-secret-file', 'x']), refuses(/wanted --turn beside it/))
  for (const wrong of ['stun:a.test', 'turn:', 'turn:a b', 'turn:a.test?transport=sctp', 'https://a.test']) {
    assert.throws(() => read(['--turn', wrong, '--turn-secret-file', 'x']), refuses(/--turn/))
  }
})

test('readConfig has a default for everything', () => {
  const { layers: _, ...config } = read([])
  assert.deepEqual(config, {
    unusable: [],
    port: 8080,
    udpPort: undefined,
    viewerProcesses: 1,
    host: '127.0.0.1',
    hostIsGiven: false,
    dataDirectory: '/home/ada/.local/share/porchlight',
    runDirectory: undefined,
    iceServers: [],
    turn: undefined,
    containerEngine: undefined,
    appUser: 'own',
    recordDirectory: undefined,
    allowedOrigins: [],
    publicAddresses: [],
    tls: { kind: 'own' },
    logLevel: undefined,
    appId: undefined,
    size: { width: 1280, height: 720 },
    lobbies: 16,
    idleTimeoutS: 60,
    encoderBudget: undefined,
    moonlight: 'auto',
    moonlightPort: 47_989,
    native: 'auto',
    nativePort: 47_900,
    pathPolicy: 'prefer-direct',
    birthdayProbing: false,
    relays: [],
    gateway: undefined,
    relayIssuerKey: undefined,
    parties: 'own',
    mesh: 'auto',
    gamePorts: readPortRanges(usualGamePorts),
    sharePorts: [],
    openPorts: [],
    mdns: true,
    openLobby: true,
  })
})

test('readConfig takes the flag before the variable and the variable before the default', () => {
  const environment = { PORCHLIGHT_PORT: '9000', PORCHLIGHT_SIZE: '1920x1080' }
  assert.equal(read(['--port', '0'], environment).port, 0)
  assert.equal(read([], environment).port, 9000)
  assert.deepEqual(read([], environment).size, { width: 1920, height: 1080 })
})

test('readConfig takes how many lobbies there can be, and no nonsense', () => {
  assert.equal(read(['--lobbies', '40']).lobbies, 40)
  assert.equal(read([], { PORCHLIGHT_LOBBIES: '1' }).lobbies, 1)
  for (const odd of ['0', '1001', 'many', '1.5']) {
    assert.throws(() => read(['--lobbies', odd]), refuses(/wanted a whole number from 1 to 1000/), odd)
  }
})

test('readConfig takes how much may be encoded, and no nonsense', () => {
  assert.equal(read(['--encoder-budget', '4.5']).encoderBudget, 4.5)
  assert.equal(read([], { PORCHLIGHT_ENCODER_BUDGET: '2' }).encoderBudget, 2)
  for (const odd of ['0', '0.4', '1001', 'all', '1e2']) {
    assert.throws(() => read(['--encoder-budget', odd]), refuses(/wanted a number from 0.5 to 1000/), odd)
  }
})

test('readConfig treats an empty variable as not set', () => {
  assert.equal(read([], { PORCHLIGHT_PORT: '', PORCHLIGHT_NO_LOBBY: '' }).port, 8080)
})

test('readConfig resolves directories and ignores a relative XDG_DATA_HOME', () => {
  assert.equal(read(['--data', 'here']).dataDirectory, '/work/here')
  assert.equal(read([], { XDG_DATA_HOME: '/data' }).dataDirectory, '/data/porchlight')
  assert.equal(read([], { XDG_DATA_HOME: 'data' }).dataDirectory, '/home/ada/.local/share/porchlight')
  assert.equal(read(['--run-directory', '../run']).runDirectory, '/run')
})

test('readConfig reads ICE servers from repeated flags and from JSON', () => {
  assert.deepEqual(
    read(['--ice-server', 'stun:stun.example.org:3478', '--ice-server', 'turn:[::1]?transport=tcp,ada,a,b']).iceServers,
    [{ urls: 'stun:stun.example.org:3478' }, { urls: 'turn:[::1]?transport=tcp', username: 'ada', credential: 'a,b' }],
  )
  const json = '[{"urls":["stun:a.example","turns:b.example:443"],"username":"u","credential":"c"}]'
  assert.deepEqual(read([], { PORCHLIGHT_ICE_SERVERS: json }).iceServers, [
    { urls: ['stun:a.example', 'turns:b.example:443'], username: 'u', credential: 'c' },
  ])
})

test('readConfig takes an address in a folder, as a proxy may have it', () => {
  const { allowedOrigins, publicAddresses } = read([
    '--origin',
    'https://example.org/play/',
    '--origin',
    'https://example.org',
  ])
  assert.deepEqual(allowedOrigins, ['https://example.org'])
  assert.deepEqual(publicAddresses, ['https://example.org/play', 'https://example.org'])
})

test('readConfig reads origins from repeated flags and from a list', () => {
  assert.deepEqual(read(['--origin', 'https://Play.example.org/', '--origin', 'http://box:80']).allowedOrigins, [
    'https://play.example.org',
    'http://box',
  ])
  assert.deepEqual(read([], { PORCHLIGHT_ORIGINS: 'https://a.example, https://b.example' }).allowedOrigins, [
    'https://a.example',
    'https://b.example',
  ])
})

test('readConfig switches the first lobby off', () => {
  assert.equal(read(['--no-mdns']).mdns, false)
  assert.equal(read(['--no-lobby']).openLobby, false)
  assert.equal(read([], { PORCHLIGHT_NO_LOBBY: '1' }).openLobby, false)
  assert.equal(read([], { PORCHLIGHT_NO_LOBBY: 'no' }).openLobby, true)
})

test('readConfig takes a certificate of the user, or turns TLS off', () => {
  const files = { kind: 'files', certificateFile: '/work/a.pem', keyFile: '/keys/b.pem' }
  assert.deepEqual(read(['--tls-cert', 'a.pem', '--tls-key', '/keys/b.pem']).tls, files)
  const environment = { PORCHLIGHT_TLS_CERT: 'a.pem', PORCHLIGHT_TLS_KEY: '/keys/b.pem' }
  assert.deepEqual(read([], environment).tls, files)
  assert.deepEqual(read(['--no-tls'], environment).tls, { kind: 'off' })
  assert.deepEqual(read([], { PORCHLIGHT_NO_TLS: '1' }).tls, { kind: 'off' })
  assert.throws(() => read(['--tls-cert', 'a.pem']), refuses(/^Cannot use --tls-cert alone: wanted --tls-key with it$/))
  assert.throws(() => read([], { PORCHLIGHT_TLS_KEY: 'b.pem' }), refuses(/^Cannot use --tls-key alone: /))
})

test('readConfig names the flag or the variable, what came and what was wanted', () => {
  assert.throws(
    () => read(['--port', '80800']),
    refuses(/^Cannot use --port: got "80800", wanted a port number from 0 \(any free one\) to 65535$/),
  )
  assert.throws(
    () => read([], { PORCHLIGHT_LOG_LEVEL: 'loud' }),
    refuses(/^Cannot use PORCHLIGHT_LOG_LEVEL: got "loud", wanted one of silent, error, warn, info, debug$/),
  )
})

test('readConfig refuses what cannot work', () => {
  const cases: [string, string][] = [
    ['--port', '-1'],
    ['--port', '8e1'],
    ['--port', ''],
    ['--udp-port', '0'],
    ['--udp-port', '65536'],
    ['--host', 'not a host'],
    ['--host', '256.1.1.1'],
    ['--host', 'http://localhost'],
    ['--size', '10x10'],
    ['--size', '1280'],
    ['--size', '99999x99999'],
    ['--origin', 'play.example.org'],
    ['--origin', 'https://play.example.org/?a=b'],
    ['--origin', 'https://play.example.org/a//b'],
    ['--origin', 'https://play.example.org/a%20b'],
    ['--origin', 'https://user:secret@play.example.org'],
    ['--origin', 'ftp://play.example.org'],
    ['--ice-server', 'https://stun.example.org'],
    ['--ice-server', 'turn:a.example,user'],
    ['--app', 'Desk Top'],
    ['--data', ''],
  ]
  for (const [flag, value] of cases) {
    assert.throws(() => read([`${flag}=${value}`]), refuses(new RegExp(`^Cannot use ${flag}: `)), `${flag} ${value}`)
  }
})

test('readConfig never repeats a credential in its message', () => {
  assert.throws(
    () => read(['--ice-server', 'turn:bad host,ada,swordfish']),
    (error) => error instanceof ServerError && !error.message.includes('swordfish'),
  )
})

test('docs/configuration.md speaks of every flag and variable', () => {
  const page = readFileSync(new URL('../../../docs/configuration.md', import.meta.url), 'utf8')
  for (const { flag, variable } of Object.values(configOptions)) {
    assert.ok(page.includes(`\`--${flag}`), flag)
    assert.ok(page.includes(`\`${variable}\``), variable)
  }
})

test('readConfig takes the socket of a container engine as a path or as a URL of one', () => {
  const engineOf = (socket: string) => readConfig({ 'container-engine': socket }, {}, '/').containerEngine
  assert.equal(engineOf('/run/podman/podman.sock'), '/run/podman/podman.sock')
  assert.equal(engineOf('unix:///run/docker.sock'), '/run/docker.sock')
  assert.throws(() => engineOf('tcp://far:2375'), /Cannot use --container-engine: .* wanted the absolute path/)
})

test('readConfig takes whether there is a virtual LAN, and ports of games', () => {
  const { mesh, gamePorts } = read(['--mesh', 'off', '--game-ports', '6112, 27910-27970'])
  assert.deepEqual([mesh, gamePorts.length], ['off', 2])
  assert.deepEqual(read(['--game-ports', 'none']).gamePorts, [])
  assert.throws(() => read(['--mesh', 'maybe']), refuses(/wanted auto, on or off/))
  assert.throws(() => read(['--game-ports', '0']), refuses(/6112,27910-27970/))
})

test('readConfig takes relays by name and port, and a policy for paths', () => {
  const places = [
    { name: 'relay.example.org:3478', host: 'relay.example.org', port: 3478 },
    { name: '[2001:db8::1]:4000', host: '2001:db8::1', port: 4000 },
  ]
  const flags = places.flatMap(({ name }) => ['--relay', name])
  const { relays, pathPolicy, relayIssuerKey } = read([
    ...flags,
    '--path-policy',
    'relay-only',
    '--relay-issuer-key',
    'key.pem',
  ])
  assert.equal(read(['--birthday-probing']).birthdayProbing, true)
  assert.deepEqual([relays, pathPolicy, relayIssuerKey], [places, 'relay-only', '/work/key.pem'])
  assert.deepEqual(read([], { PORCHLIGHT_RELAYS: places.map(({ name }) => name).join(', ') }).relays, places)
  for (const wrong of ['relay.example.org', 'relay.example.org:0', ':3478', 'a b:1', 'http://relay:3478']) {
    assert.throws(
      () => read(['--relay', wrong]),
      (error) => error instanceof ServerError && error.message.includes('--relay'),
      wrong,
    )
  }
})

test('readConfig takes the address of a gateway, and no nonsense', () => {
  assert.equal(read(['--gateway', 'https://plane.example.org/porch/']).gateway, 'https://plane.example.org/porch')
  for (const wrong of ['plane.example.org', 'ftp://a.test', 'https://a.test/?x=1', `https://${'a'.repeat(250)}.test`]) {
    assert.throws(() => read(['--gateway', wrong]), refuses(/--gateway/))
  }
})
