import { systemClock } from '../kernel/clock.ts'
import { silentLog } from '../kernel/log.ts'
import { openMediaProcess } from './media-process.ts'
import { EncoderBudget } from './encoder-budget.ts'
import { SourceProducer } from './source-producer.ts'
import { testProducerContract } from './testing/producer-contract.ts'
import { PrivateDisplay } from './testing/private-display.ts'
import { ScriptedProcess } from './testing/scripted-process.ts'

const card = { kind: 'test-pattern', width: 640, height: 360, fps: 30, title: '', lines: [], tone: 'stereo' } as const

testProducerContract('test pattern', async () => {
  const process = await openMediaProcess({ name: 'test', log: silentLog })
  const dispose = () => process.close()
  return { producer: process.addProducer('card', card), sound: true, [Symbol.asyncDispose]: dispose }
})

testProducerContract('X display', async () => {
  const resources = new AsyncDisposableStack()
  const display = resources.use(await PrivateDisplay.open(640, 360))
  const process = resources.use(await openMediaProcess({ name: 'test', log: silentLog }))
  const { name, authorityFile } = display
  const producer = process.addProducer('screen', {
    kind: 'x11',
    display: name,
    authorityFile,
    fps: 60,
    sound: undefined,
  })
  // Something that moves: the root window in ever other colours.
  let step = 0
  const timer = systemClock.every(
    50,
    () => void display.client('xsetroot', '-solid', `#${`${(step += 12_345) % 1e6}`.padStart(6, '0')}`).catch(() => {}),
  )
  resources.defer(() => timer.cancel())
  return { producer, sound: false, [Symbol.asyncDispose]: () => resources.disposeAsync() }
})

testProducerContract('scripted process', async () => {
  const process = new ScriptedProcess()
  const options = {
    clock: systemClock,
    random: Math.random,
    log: silentLog,
    canEncode: () => true,
    budget: new EncoderBudget(),
  }
  const producer = new SourceProducer({ id: 'p', spec: card, port: process, ...options })
  producer.processUp()
  process.live()
  const timer = systemClock.every(5, () => process.tick())
  const dispose = async () => {
    timer.cancel()
    await producer.close()
  }
  return { producer, sound: true, [Symbol.asyncDispose]: dispose }
})
