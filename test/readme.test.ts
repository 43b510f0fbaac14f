import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { configOptions } from '../src/server/config/config-options.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

describe('README.md', () => {
  it('has a row for every setting of the server', () => {
    for (const { flag, variable } of Object.values(configOptions)) {
      const row = readme.split('\n').find((line) => line.startsWith(`| \`--${flag}`))
      assert.ok(row?.includes(`\`${variable}\``), `--${flag} with ${variable}`)
    }
  })

  it('links to pages that exist', () => {
    const pages = [...readme.matchAll(/\]\(([\w./-]+\.md)\)/g)].map(([, page = '']) => page)
    assert.ok(pages.length > 3)
    for (const page of pages) assert.ok(existsSync(new URL(`../${page}`, import.meta.url)), page)
  })
})
