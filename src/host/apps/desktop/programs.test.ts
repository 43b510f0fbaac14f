import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findDesktopPrograms } from './programs.ts'

async function commandsWith(installed: readonly string[], asRoot = false): Promise<Record<string, string>> {
  const find = async (name: string) => (installed.includes(name) ? `/usr/bin/${name}` : undefined)
  const programs = await findDesktopPrograms({ find, asRoot })
  return Object.fromEntries(programs.map(({ id, command }) => [id, command]))
}

test('findDesktopPrograms offers a terminal when nothing else is there', async () => {
  assert.deepEqual(await commandsWith([]), { terminal: 'xterm' })
})

test('findDesktopPrograms prefers windows to programs in a terminal', async () => {
  assert.deepEqual(await commandsWith(['mc', 'vim']), {
    terminal: 'xterm',
    files: 'xterm -e mc',
    editor: 'xterm -e vim',
  })
  assert.deepEqual(await commandsWith(['mc', 'vim', 'pcmanfm', 'mousepad']), {
    terminal: 'xterm',
    files: 'pcmanfm',
    editor: 'mousepad',
  })
})

test('findDesktopPrograms does not offer root a browser without its sandbox', async () => {
  assert.equal((await commandsWith(['chromium']))['browser'], 'chromium')
  assert.equal((await commandsWith(['chromium'], true))['browser'], undefined)
  assert.equal((await commandsWith(['chromium', 'firefox-esr'], true))['browser'], 'firefox-esr')
})
