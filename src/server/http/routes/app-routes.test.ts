import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { request, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import * as v from 'valibot'
import { temporaryDirectory } from '../../../../test/support/temporary-directory.ts'
import { openRunningWeb, type RunningWeb } from '../../../../test/support/running-web.ts'
import { apiEvent, appDetails, app as appSchema, type ApiEvent } from '../../../wire/api/resources.ts'
import { maxIconBytes } from '../../../wire/api/icon-reference.ts'

const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)
const definition = { title: 'Top', command: ['top'], environment: { TOKEN: 'hunter2' } }

function asker(web: RunningWeb) {
  return (method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}) =>
    web.api(method, `/api/v1/apps${path}`, { token: web.ownerToken, body, headers })
}

async function open(t: TestContext, file?: string) {
  const pageDirectory = temporaryDirectory(t)
  if (file !== undefined) writeFileSync(join(pageDirectory, 'apps.toml'), file)
  const web = await openRunningWeb(t, { pageDirectory })
  const ask = asker(web)
  const list = async () => v.parse(v.array(appSchema), (await ask('GET', '')).json())
  return { web, ask, list }
}

test('an app is described, started, changed and removed while its lobby goes on', async (t) => {
  const { web, ask, list } = await open(t)
  const created = await ask('POST', '', { definition })
  assert.deepEqual([created.status, created.headers.location], [201, '/api/v1/apps/top'])
  const details = v.parse(appDetails, created.json())
  assert.partialDeepStrictEqual(details, { id: 'top', origin: 'settings', available: true, definition })
  assert.deepEqual((await ask('GET', '/top')).json(), details)
  const lobby = await web.host.createLobby({ appId: 'top' })

  const patch = { definition: { title: null, size: '800x600', environment: { TOKEN: null, LANG: 'C' } } }
  const changed = v.parse(appDetails, (await ask('PATCH', '/top', patch)).json())
  assert.deepEqual(changed.definition, { command: ['top'], size: '800x600', environment: { LANG: 'C' } })
  assert.partialDeepStrictEqual(changed, { title: 'top', width: 800, height: 600 })
  assert.equal(lobby.settings.value.title, 'Top')

  assert.equal((await ask('PUT', '/top', { definition })).status, 200)
  assert.equal((await ask('PUT', '/new', { definition })).status, 201)
  assert.equal((await ask('DELETE', '/top')).status, 204)
  assert.equal((await ask('DELETE', '/top')).status, 404)
  assert.ok(web.host.lobbies.has(lobby.id))
  assert.deepEqual(
    (await list()).map(({ id }) => id),
    ['memory', 'test-pattern', 'new'],
  )
})

test('the list of apps shows nobody how they are started', async (t) => {
  const { ask } = await open(t, '[apps.filed]\ncommand = ["top", "--secret"]\n')
  await ask('POST', '', { definition })
  const { text } = await ask('GET', '')
  assert.ok(!text.includes('hunter2') && !text.includes('--secret'), text)
})

test('what is wrong with a definition is told with the pointer of each place, and without secrets', async (t) => {
  const { ask, list } = await open(t)
  const wrong = {
    title: '',
    fps: 1.5,
    environment: { DISPLAY: ':0', OK: 'hunter2' },
    sandbox: { network: 1 },
    size: '1x1',
  }
  const answer = await ask('POST', '', { definition: wrong })
  assert.equal(answer.status, 400)
  const { code, errors } = answer.problem()
  assert.equal(code, 'invalid-request')
  assert.deepEqual(errors?.map(({ pointer }) => pointer).toSorted(), [
    '/definition/command',
    '/definition/environment/DISPLAY',
    '/definition/fps',
    '/definition/sandbox/network',
    '/definition/size',
    '/definition/title',
  ])
  assert.ok(errors?.every(({ detail }) => detail.startsWith('wanted ')))
  assert.ok(!answer.text.includes('hunter2'))
  assert.equal((await list()).length, 2)
})

const badBodies: readonly unknown[] = [
  null,
  [],
  'top',
  {},
  { definition: null },
  { definition: [] },
  { definition: 'top' },
  { definition: { command: ['\0'] } },
  { definition: { command: [''] } },
  { definition: { command: Array.from({ length: 257 }, () => 'x') } },
  { definition: { command: ['x'.repeat(4097)] } },
  { definition: { command: ['top'], kind: 'test-pattern' } },
  { definition: { command: ['top'], icon: 'data:image/png;base64,AAAA' } },
  { definition: { command: ['top'], icon: 'data:text/html;base64,AAAA' } },
  { definition: { command: ['top'], icon: '../secret' } },
  { definition: { command: ['top'], sandbox: true, container: { image: 'debian' } } },
  { definition: { command: ['top'] }, id: 'import' },
  { definition: { command: ['top'] }, id: '../x' },
  { definition: { command: ['top'] }, extra: 1 },
]
for (const [index, body] of badBodies.entries()) {
  test(`POST /apps refuses bad body ${index}`, async (t) => {
    const { ask } = await open(t)
    const answer = await ask('POST', '', JSON.stringify(body))
    assert.deepEqual([answer.status, answer.problem().code], [400, 'invalid-request'], answer.text)
  })
}

test('a patch that leads to a wrong definition changes nothing and names the place', async (t) => {
  const { ask } = await open(t)
  await ask('POST', '', { definition })
  const answer = await ask('PATCH', '/top', { definition: { command: null } })
  assert.deepEqual([answer.status, answer.problem().code], [400, 'invalid-app'])
  assert.deepEqual(
    answer.problem().errors?.map(({ pointer }) => pointer),
    ['/definition/command'],
  )
  const deep = await ask('PATCH', '/top', { definition: { environment: { A: { B: 1 } } } })
  assert.deepEqual(
    deep.problem().errors?.map(({ pointer }) => pointer),
    ['/definition/environment/A'],
  )
  const polluted = await ask('PATCH', '/top', '{"definition":{"__proto__":{"title":"x"}}}')
  assert.equal(polluted.status, 200)
  assert.deepEqual(v.parse(appDetails, (await ask('GET', '/top')).json()).definition, definition)
})

test('an app of the file or of the house is read-only, and says where it can be changed', async (t) => {
  const { ask, list } = await open(t, '\n[apps.filed]\ncommand = ["top"]\n')
  const filed = (await list()).find(({ id }) => id === 'filed')
  assert.deepEqual([filed?.origin, filed?.place], ['file', 'apps.toml:2'])
  for (const [method, path, body] of [
    ['PUT', '/filed', { definition }],
    ['PATCH', '/filed', { definition: {} }],
    ['DELETE', '/filed', undefined],
    ['DELETE', '/filed/icon', undefined],
    ['PATCH', '/memory', { definition: {} }],
    ['DELETE', '/memory', undefined],
  ] as const) {
    const answer = await ask(method, path, body)
    assert.deepEqual([answer.status, answer.problem().code], [409, 'app-read-only'], `${method} ${path}`)
    assert.match(answer.problem().detail ?? '', path.startsWith('/filed') ? /apps\.toml:2/ : /comes with Porchlight/)
  }
  assert.equal((await ask('POST', '', { id: 'filed', definition })).problem().code, 'app-exists')
  assert.equal((await ask('PUT', '/memory', { definition })).status, 200)
  assert.equal((await ask('DELETE', '/memory')).status, 204)
  assert.equal((await list()).find(({ id }) => id === 'memory')?.origin, 'ready-made')
})

test('POST /apps is safe to repeat with an idempotency key', async (t) => {
  const { ask, list } = await open(t)
  const headers = { 'Idempotency-Key': 'once' }
  const first = await ask('POST', '', { definition }, headers)
  assert.equal((await ask('POST', '', { definition }, headers)).text, first.text)
  assert.equal((await list()).length, 3)
})

test('apps are exported and imported as TOML', async (t) => {
  const one = await open(t)
  await one.ask('POST', '', { definition: { ...definition, icon: `data:image/png;base64,${png.toString('base64')}` } })
  const exported = await one.ask('GET', '/export')
  assert.equal(exported.headers['content-type'], 'application/toml; charset=utf-8')
  assert.match(String(exported.headers['content-disposition']), /filename="apps\.toml"/)
  const other = await open(t)
  const toml = { 'Content-Type': 'application/toml' }
  const imported = await other.ask('POST', '/import', exported.text, toml)
  assert.deepEqual(imported.json(), { created: ['top'], changed: [], unchanged: [] })
  assert.equal((await other.ask('GET', '/top')).text, (await one.ask('GET', '/top')).text)

  const faulty = await other.ask('POST', '/import', '[apps.a]\nfps = 0\ncommand = ["x"]\n[apps.b]\ncommand=["x"]', toml)
  assert.deepEqual([faulty.status, faulty.problem().code], [400, 'invalid-app'])
  assert.deepEqual(faulty.problem().errors, [
    { pointer: '/apps/a/fps', detail: 'import:2: apps.a.fps: wanted a whole number from 1 to 240, got 0' },
  ])
  assert.equal((await other.list()).length, 3)
  assert.equal((await other.ask('POST', '/import', 'x', { 'Content-Type': 'text/html' })).status, 415)
  assert.equal((await other.ask('POST', '/import', '#'.repeat(1024 * 1024 + 1), toml)).status, 413)
  assert.equal((await other.ask('POST', '/import', '\uFFFF\0', toml)).status, 400)
})

test('an icon is kept as it was given, and served so that nothing in it can run', async (t) => {
  const { web, ask, list } = await open(t)
  await ask('POST', '', { definition })
  const svg = '<?xml version="1.0"?><!-- x --><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
  assert.equal((await ask('PUT', '/top/icon', svg, { 'Content-Type': 'image/svg+xml' })).status, 204)
  const icon = await ask('GET', '/top/icon')
  assert.deepEqual([icon.text, icon.headers['content-type']], [svg, 'image/svg+xml'])
  assert.match(String(icon.headers['content-security-policy']), /^default-src 'none';.*sandbox/)
  assert.equal(icon.headers['x-content-type-options'], 'nosniff')
  const again = await ask('GET', '/top/icon', undefined, { 'If-None-Match': String(icon.headers.etag) })
  assert.deepEqual([again.status, again.text], [304, ''])
  assert.equal(`"${(await list()).find(({ id }) => id === 'top')?.icon ?? ''}"`, icon.headers.etag)

  const lobby = await web.host.createLobby({ appId: 'top' })
  const guest = (lobbyId: string) => web.api('GET', '/api/v1/apps/top/icon', { token: web.invite(lobbyId, 'viewer') })
  assert.equal((await guest(lobby.id)).status, 200)
  assert.equal((await guest(await web.openLobby())).status, 404)

  assert.equal((await ask('DELETE', '/top/icon')).status, 204)
  assert.equal((await ask('GET', '/top/icon')).problem().code, 'icon-not-found')
})

test('an icon is refused when it is too large or not what it is said to be', async (t) => {
  const { ask } = await open(t)
  await ask('POST', '', { definition })
  const put = (body: string, type: string) => ask('PUT', '/top/icon', body, { 'Content-Type': type })
  assert.equal((await put('<html><script>1</script></html>', 'image/svg+xml')).status, 415)
  assert.equal((await put('<svg/>', 'image/png')).status, 415)
  assert.equal((await put('GIF89a', 'image/gif')).status, 415)
  assert.equal((await put('', 'image/png')).status, 415)
  assert.equal((await put(`<svg>${' '.repeat(maxIconBytes)}</svg>`, 'image/svg+xml')).status, 413)
  assert.equal((await put('<svg/>', 'image/svg+xml')).status, 204)
  const none = await ask('PUT', '/none/icon', '<svg/>', { 'Content-Type': 'image/svg+xml' })
  assert.equal(none.problem().code, 'app-not-found')
})

test('the owner is told of apps that are new, have changed and are gone, and nobody else', async (t) => {
  const { web, ask } = await open(t)
  const events = await follow(web, web.ownerToken)
  const others = await follow(web, web.invite(await web.openLobby(), 'player'))
  await ask('POST', '', { definition })
  await ask('PATCH', '/top', { definition: { title: 'New' } })
  await ask('DELETE', '/top')
  const told: unknown[] = []
  for await (const event of events) {
    if (event.type === 'app') told.push([event.type, event.app.title])
    if (event.type !== 'app-removed') continue
    told.push([event.type, event.appId])
    break
  }
  assert.deepEqual(told, [
    ['app', 'Top'],
    ['app', 'New'],
    ['app-removed', 'top'],
  ])
  const lobbyId = [...web.host.lobbies.keys()][0] ?? ''
  await web.host.changeLobby(lobbyId, { title: 'The end' })
  for await (const event of others) {
    assert.equal(event.type, 'lobby')
    if (event.type === 'lobby' && event.lobby.title === 'The end') break
  }
})

/** The events of a stream from now on. */
async function follow(web: RunningWeb, token: string): Promise<AsyncIterable<ApiEvent>> {
  const headers = { Authorization: `Bearer ${token}` }
  const asked = request({ port: web.port, path: '/api/v1/events', headers, agent: false }).end()
  const [answer] = (await once(asked, 'response')) as [IncomingMessage]
  return eventsOf(answer)
}

async function* eventsOf(answer: IncomingMessage): AsyncIterable<ApiEvent> {
  let rest = ''
  for await (const chunk of answer.setEncoding('utf8')) {
    const parts = (rest + String(chunk)).split('\n\n')
    rest = parts.pop() ?? ''
    for (const part of parts) {
      const data = /^data: (.*)$/m.exec(part)?.[1]
      if (data !== undefined) yield v.parse(apiEvent, JSON.parse(data))
    }
  }
}
