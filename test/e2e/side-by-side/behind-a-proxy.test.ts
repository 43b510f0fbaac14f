import assert from 'node:assert/strict'
import { after } from 'node:test'
import { freePort, noCaddy, openCaddy, openNginx } from '../../support/proxies.ts'
import { openScene } from '../../support/scene.ts'
import { blockUdpAhead, untilByPath } from '../../support/udp-block.ts'

const [nginxPort, caddyPort] = [await freePort(), await freePort()]
const [byNginx, byCaddy] = [`https://127.0.0.1:${nginxPort}`, `https://127.0.0.1:${caddyPort}`]
const addresses = [byNginx, `${byNginx}/kept`, byCaddy].flatMap((address) => ['--origin', address])
const scene = await openScene({ flags: ['--app', 'test-pattern', '--size', '640x368', '--no-tls', ...addresses] })
const { house } = scene
// Its links name the proxies; behind them it prints where it is itself.
const [, ownPort] = /http:\/\/localhost:(\d+)\//.exec(house.output) ?? assert.fail('it says where it is')
const host = `http://127.0.0.1:${ownPort}`
const sockets = 'proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade";'
const nginx = await openNginx(
  nginxPort,
  `location / { ${sockets} proxy_set_header Host $http_host; proxy_pass ${host}; }
    location /play/ { ${sockets} proxy_set_header Host $http_host; proxy_pass ${host}/; }
    location /deaf/ { proxy_set_header Host $http_host; proxy_pass ${host}/; }`,
)
after(() => nginx[Symbol.asyncDispose]())
if (noCaddy === undefined) {
  const caddy = await openCaddy(
    caddyPort,
    `handle_path /play/* {
    reverse_proxy 127.0.0.1:${ownPort}
  }
  handle {
    reverse_proxy 127.0.0.1:${ownPort}
  }`,
  )
  after(() => caddy[Symbol.asyncDispose]())
}
const screen = { viewport: { width: 1280, height: 720 }, ignoreHTTPSErrors: true }
const linkTo = (place: string) => `${place}#token=${house.ownerToken}`

for (const [what, origin, folder, skip] of [
  ['nginx, at the top', byNginx, '/', undefined],
  ['nginx, in a folder that the proxy takes off', byNginx, '/play/', undefined],
  ['nginx, in a folder that the proxy leaves on', byNginx, '/kept/', undefined],
  ['Caddy, at the top', byCaddy, '/', noCaddy],
  ['Caddy, in a folder that the proxy takes off', byCaddy, '/play/', noCaddy],
] as const) {
  scene.test(`behind ${what}, everything is there, media by the web port too`, async (t) => {
    if (skip !== undefined) return t.skip(skip)
    const viewer = await scene.sit({ link: linkTo(origin + folder), screen })
    await blockUdpAhead(viewer.page)
    await viewer.page.reload()
    await viewer.stepInto('Test pattern')
    await untilByPath(viewer.page, 'web port')
    for (const asked of viewer.addresses.map((address) => new URL(address))) {
      if (/^(?:data|blob):$/.test(asked.protocol)) continue
      assert.equal(asked.host, new URL(origin).host)
      assert.ok(asked.pathname.startsWith(folder), asked.href)
    }
    assert.ok(viewer.addresses.some((address) => new URL(address).protocol === 'wss:'))
  })
}

scene.test('a proxy that passes no WebSockets is named, with what helps', async () => {
  const viewer = await scene.sit({ link: linkTo(`${byNginx}/deaf/`), screen })
  await viewer.page.getByRole('button', { name: 'Test pattern', exact: true }).click()
  await viewer.page.getByRole('heading', { name: 'No way through' }).waitFor()
  await viewer.page.getByText(/a proxy in between has to pass them on/).waitFor()
})
