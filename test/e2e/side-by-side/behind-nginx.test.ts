import assert from 'node:assert/strict'
import { after } from 'node:test'
import { freePort, openNginx } from '../../support/nginx.ts'
import { openScene } from '../../support/scene.ts'
import { blockUdpAhead, untilByPath } from '../../support/udp-block.ts'

const port = await freePort()
const origin = `https://127.0.0.1:${port}`
const scene = await openScene({
  flags: ['--app', 'test-pattern', '--no-tls', '--origin', origin, '--origin', `${origin}/kept`],
})
const { house } = scene
// Its links name the proxy; behind them it prints where it is itself.
const [, ownPort] = /http:\/\/localhost:(\d+)\//.exec(house.output) ?? assert.fail('it says where it is')
const host = `http://127.0.0.1:${ownPort}`
const sockets = 'proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade";'
const nginx = await openNginx(
  port,
  `location / { ${sockets} proxy_set_header Host $http_host; proxy_pass ${host}; }
    location /play/ { ${sockets} proxy_set_header Host $http_host; proxy_pass ${host}/; }
    location /deaf/ { proxy_set_header Host $http_host; proxy_pass ${host}/; }`,
)
after(() => nginx[Symbol.asyncDispose]())
const screen = { viewport: { width: 1280, height: 720 }, ignoreHTTPSErrors: true }
const linkTo = (folder: string) => `${origin}${folder}#token=${house.ownerToken}`

for (const [what, folder] of [
  ['at the top', '/'],
  ['in a folder that the proxy takes off', '/play/'],
  ['in a folder that the proxy leaves on', '/kept/'],
] as const) {
  scene.test(`behind nginx, ${what}, everything is there, media by the web port too`, async () => {
    const viewer = await scene.sit({ link: linkTo(folder), screen })
    await blockUdpAhead(viewer.page)
    await viewer.page.reload()
    await viewer.stepInto('Test pattern')
    await untilByPath(viewer.page, 'web port')
    for (const asked of viewer.addresses.map((address) => new URL(address))) {
      if (!/^(?:data|blob):$/.test(asked.protocol)) assert.ok(asked.pathname.startsWith(folder), asked.href)
    }
    assert.ok(viewer.addresses.some((address) => new URL(address).protocol === 'wss:'))
  })
}

scene.test('a proxy that passes no WebSockets is named, with what helps', async () => {
  const viewer = await scene.sit({ link: linkTo('/deaf/'), screen })
  await viewer.page.getByRole('button', { name: 'Test pattern', exact: true }).click()
  await viewer.page.getByRole('heading', { name: 'No way through' }).waitFor()
  await viewer.page.getByText(/a proxy in between has to pass them on/).waitFor()
})
