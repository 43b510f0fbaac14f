/**
 * Runs Firefox for Playwright, whose WebDriver BiDi client is made for newer ones than the extended support release. It
 * stands between the two and passes everything on, but for two things: what Firefox does not know and nobody here needs
 * counts as done, and what is evaluated in a page goes as a function, since `eval` is what the page's content security
 * policy forbids. Started in Firefox's place, with its path before its arguments.
 */
import { spawn } from 'node:child_process'
import { WebSocket, WebSocketServer, type RawData } from 'ws'
import * as v from 'valibot'
import { dyingWithParent } from '../../src/os/child/dying-with-parent.ts'

const announcement = /WebDriver BiDi listening on (ws:\/\/\S+)\n/

/** What pages are tested without: bodies of answers, downloads, and screens other than the real one. */
const dispensable: ReadonlySet<string> = new Set([
  'network.addDataCollector',
  'browser.setDownloadBehavior',
  'emulation.setMediaFeaturesOverride',
  'emulation.setScreenOrientationOverride',
  'emulation.setScreenSettingsOverride',
])

const command = v.looseObject({ id: v.number(), method: v.string() })
const answer = v.object({ id: v.optional(v.nullable(v.number())), error: v.optional(v.string()) })
/** How Playwright evaluates: its script in the page is given the expression, which it hands to the page's `eval`. */
const evaluation = v.looseObject({
  method: v.literal('script.callFunction'),
  params: v.looseObject({
    functionDeclaration: v.literal('(utilityScript, ...args) => utilityScript.evaluate(...args)'),
    target: v.looseObject({ sandbox: v.optional(v.undefined_()) }),
    arguments: v.looseTuple([
      v.unknown(),
      v.unknown(),
      v.unknown(),
      v.object({ type: v.literal('string'), value: v.string() }),
    ]),
  }),
})

const [path = '', ...args] = process.argv.slice(2)
const [program, ...rest] = dyingWithParent(process.env['PATH'], [path, ...args])
const firefox = spawn(program, rest, { stdio: ['ignore', 'ignore', 'pipe'] })
firefox.on('error', (error) => {
  process.stderr.write(`${error.message}\n`)
  process.exit(1)
})
firefox.on('exit', (code) => process.exit(code ?? 1))
process.on('SIGTERM', () => firefox.kill())

let said = ''
firefox.stderr.setEncoding('utf8').on('data', (text: string) => {
  process.stderr.write(text.replace(announcement, ''))
  said = (said + text).slice(-4096)
  const [, url] = announcement.exec(said) ?? []
  if (url === undefined) return
  said = ''
  serve(`${url}/session`)
})

/** Announces an address of its own, behind which is Firefox. */
function serve(url: string): void {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  server.on('connection', (client) => join(client, new WebSocket(url)))
  server.on('listening', () => {
    const address = server.address()
    if (address === null || typeof address === 'string') return
    process.stderr.write(`WebDriver BiDi listening on ws://127.0.0.1:${address.port}\n`)
  })
}

function join(client: WebSocket, host: WebSocket): void {
  const waiting = new Set<number>()
  const opened = new Promise<void>((resolve) => host.once('open', () => resolve()))
  client.on('message', (data) => {
    const message = v.parse(command, JSON.parse(textOf(data)))
    if (dispensable.has(message.method)) waiting.add(message.id)
    void opened.then(() => host.send(JSON.stringify(withoutEval(message))))
  })
  host.on('message', (data) => {
    const text = textOf(data)
    const { id, error } = waiting.size === 0 ? {} : v.parse(answer, JSON.parse(text))
    const isOurs = typeof id === 'number' && waiting.delete(id)
    client.send(isOurs && error === 'unknown command' ? JSON.stringify({ type: 'success', id, result: {} }) : text)
  })
  for (const [one, other] of [
    [client, host],
    [host, client],
  ] as const) {
    one.on('error', () => other.close())
    one.on('close', () => other.close())
  }
}

/** The expression stands in the function itself, in place of what `eval` would make of it. */
function withoutEval(message: object): object {
  const { success, output } = v.safeParse(evaluation, message)
  if (!success) return message
  const [, , , { value }] = output.params.arguments
  const functionDeclaration = `(script, ...args) =>
    script.evaluate.apply({ __proto__: script, global: { eval: () => (${value}\n) } }, args)`
  return { ...output, params: { ...output.params, functionDeclaration } }
}

function textOf(data: RawData): string {
  return Buffer.isBuffer(data) ? data.toString('utf8') : Buffer.from(data as ArrayBuffer).toString('utf8')
}
