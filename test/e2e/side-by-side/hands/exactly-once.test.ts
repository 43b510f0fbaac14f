import { cutTexts } from '../../../support/cuts-of-texts.ts'
import { scene } from './scene.ts'

const { house } = scene
const terminal = scene.lobby('terminal', 'Terminal')

/** `npm run bench lifecycle -- --only texts` makes a thousand. */
const cuts = 40

terminal.test(`texts are said and typed exactly once and in order over ${cuts} random cuts`, async (t) => {
  const seed = Math.trunc(Math.random() * 1e9)
  t.diagnostic(`seed ${seed}`)
  const { said, typed } = await cutTexts(house, terminal.machine, { cuts, seed })
  t.diagnostic(`${said} said, ${typed} typed`)
})
