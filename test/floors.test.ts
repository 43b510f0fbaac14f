import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { checkCodecNames, peculiarToACodec } from './floors/check-codec-names.ts'
import { checkImports, roomOf, type SourceFile } from './floors/check-imports.ts'
import { checkNames } from './floors/check-names.ts'
import { findCircles } from './floors/find-circles.ts'
import { findFolderCircles } from './floors/find-folder-circles.ts'
import { floorPlan } from './floors/plan.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const house = readSources(['src', 'web', 'test', 'bench', 'examples', 'scripts'])
const rooms = house.filter(({ path }) => /^(src|web)\/.*\.tsx?$/.test(path))

describe('the house', () => {
  it('has sources in it', () => assert.ok(rooms.length > 20, `only ${rooms.length} files were found`))

  it('imports only what the floor plan allows', () => {
    assertNone(rooms.flatMap((file) => checkImports(floorPlan, file)))
  })

  it('has no circle of imports', () => assertNone(findCircles(rooms)))

  it('has no circle of folders within a room', () => {
    assertNone(floorPlan.flatMap(({ path }) => findFolderCircles(path, rooms)))
  })

  it('names a codec in its list and where it is peculiar, and nowhere else', () => {
    assertNone(rooms.flatMap(checkCodecNames))
    const paths = new Set(rooms.map(({ path }) => path))
    assert.deepEqual(
      Object.keys(peculiarToACodec).filter((path) => !paths.has(path)),
      [],
    )
  })

  it('checks properties on cases that its support chooses', () => {
    const own = 'test/support/fast-check.ts'
    const past = house.filter(({ path, source }) => path !== own && /\bfrom 'fast-check'/.test(source))
    assertNone(past.map(({ path }) => `${path} imports fast-check, where only ${own} may: import that instead`))
  })

  it('names its files in kebab-case after what they hold, and keeps them short', () => {
    assertNone(house.flatMap(checkNames))
  })
})

describe('the floor plan', () => {
  it('leads down only', () => {
    const faults = floorPlan.flatMap((room) =>
      room.rooms
        .filter((path) => (floorPlan.find((other) => other.path === path)?.floor ?? Infinity) >= room.floor)
        .map((path) => `${room.path} on floor ${room.floor} must not lead to ${path}`),
    )
    assertNone(faults)
  })

  it('finds the innermost room of a file', () => {
    assert.equal(roomOf(floorPlan, 'web/vite.config.ts')?.path, 'web/vite.config.ts')
    assert.equal(roomOf(floorPlan, 'web/main.tsx')?.path, 'web')
    assert.equal(roomOf(floorPlan, 'src/wirepuller/x.ts'), undefined)
  })
})

describe('checkImports', () => {
  it('names file, line, import and rule when a room imports upwards', () => {
    assert.deepEqual(check('src/wire/a.ts', "\nimport { x } from '../net/b.ts'"), [
      'src/wire/a.ts:2 imports "../net/b.ts", but src/wire may import only the rooms src/kernel, src/domain',
    ])
  })

  const forms = {
    'static import': "import { x } from '../host/host.ts'",
    'import for its effect': "import '../host/host.ts'",
    'type import': "import type { x } from '../host/host.ts'",
    'named re-export': "export { x } from '../host/host.ts'",
    'type re-export': "export type { x } from '../host/host.ts'",
    'star re-export': "export * from '../host/host.ts'",
    'dynamic import': "const x = await import('../host/host.ts')",
    'import in a type': "type X = import('../host/host.ts').X",
    'import in a function': "function f() { return [() => import('../host/host.ts')] }",
    'import equals': "import x = require('../host/host.ts')",
    require: "const x = require('../host/host.ts')",
  }
  for (const [form, source] of Object.entries(forms)) {
    it(`sees a forbidden ${form}`, () => assert.equal(check('src/kernel/a.ts', source).length, 1))
  }

  it('refuses packages and modules of Node where they do not belong', () => {
    assert.equal(check('src/kernel/a.ts', "import * as v from 'valibot'").length, 1)
    assert.equal(check('src/wire/a.ts', "import { Buffer } from 'node:buffer'").length, 1)
    assert.equal(check('src/client/a.ts', "import { readFileSync } from 'node:fs'").length, 1)
    assert.equal(check('src/host/a.ts', "import { createServer } from 'http'").length, 1)
    assert.equal(check('web/main.tsx', "import { x } from '../src/wire/x.ts'").length, 1)
    assert.equal(check('src/gateway/browser/a.ts', "import { x } from '../native/x.ts'").length, 1)
  })

  it('refuses a computed import, and files that stand in no room', () => {
    assert.match(check('src/host/a.ts', 'await import(name)')[0] ?? '', /computes an import/)
    assert.match(check('src/attic/a.ts', '')[0] ?? '', /stands in no room/)
    assert.match(check('src/host/a.ts', "import x from '../../package.json'")[0] ?? '', /no room/)
  })

  it('allows what the plan says, and in tests what tests need', () => {
    assert.deepEqual(check('src/wire/a.ts', "import * as v from 'valibot'; import { x } from '../kernel/b.ts'"), [])
    assert.deepEqual(check('web/main.tsx', "import { render } from 'preact'; render(<p />)"), [])
    assert.deepEqual(check('web/main.tsx', "import { useX } from 'preact/hooks'; import './main.css'"), [])
    assert.deepEqual(check('src/kernel/a.test.ts', "import Ajv from 'ajv'; import 'node:test'"), [])
    assert.deepEqual(check('src/kernel/a.test.ts', "import { x } from '../../test/support/x.ts'"), [])
    assert.equal(check('src/kernel/a.ts', "import { x } from '../../test/support/x.ts'").length, 1)
  })

  it('does not take text, comments or a function called require for imports', () => {
    assert.deepEqual(check('src/kernel/a.ts', 'function f(require) { require((x) => x) }'), [])
    assert.deepEqual(check('src/kernel/a.ts', "// import '../host/a.ts'\nconst x = \"import '../host/a.ts'\""), [])
  })
})

describe('findCircles', () => {
  it('finds a circle through types only', () => {
    const files = [
      { path: 'src/host/a.ts', source: "import type { B } from './b.ts'" },
      { path: 'src/host/b.ts', source: "import type { A } from './a.ts'" },
    ]
    assert.deepEqual(findCircles(files), ['src/host/a.ts -> src/host/b.ts -> src/host/a.ts'])
  })
})

describe('findFolderCircles', () => {
  const files = [
    { path: 'src/host/open-host.ts', source: "import { a } from './lobby/a.ts'" },
    { path: 'src/host/lobby/a.ts', source: "import { c } from '../contract/c.ts'" },
    { path: 'src/host/contract/c.ts', source: '' },
    { path: 'src/host/contract/c.test.ts', source: "import { a } from '../lobby/a.ts'" },
  ]

  it('is content with a contract at the bottom and the opener on top, and does not look at tests', () => {
    assert.deepEqual(findFolderCircles('src/host', files), [])
  })

  it('finds folders that need each other, the own folder of the room among them', () => {
    const knot = { path: 'src/host/lobby/b.ts', source: "import type { Host } from '../open-host.ts'" }
    assert.deepEqual(findFolderCircles('src/host', [...files, knot]), [
      'src/host -> src/host/lobby -> src/host ' +
        '(src/host/open-host.ts imports src/host/lobby/a.ts; src/host/lobby/b.ts imports src/host/open-host.ts)',
    ])
  })
})

describe('checkCodecNames', () => {
  it('says where a codec is named without need', () => {
    assert.equal(checkCodecNames({ path: 'src/viewer/a.ts', source: "\nif (codec === 'vp8') return" }).length, 1)
    assert.deepEqual(checkCodecNames({ path: 'src/viewer/a.test.ts', source: "'vp8'" }), [])
    assert.deepEqual(checkCodecNames({ path: 'src/domain/video-codec.ts', source: "'vp8'" }), [])
  })
})

describe('checkNames', () => {
  it('refuses other cases, names that say nothing, and long files', () => {
    assert.equal(faultsOf('src/host/mediaSink.ts'), 1)
    assert.equal(faultsOf('src/host/media_sink.ts'), 1)
    assert.equal(faultsOf('src/utils/clock.ts'), 1)
    assert.equal(faultsOf('src/host/types.ts'), 1)
    assert.equal(faultsOf('src/host/a.b.ts'), 1)
    assert.equal(faultsOf('src/host/long.ts', 'x\n'.repeat(401)), 1)
  })

  it('lets good names pass', () => {
    assert.equal(faultsOf('src/host/x11-display.test.ts', 'x\n'.repeat(400)), 0)
    assert.equal(faultsOf('web/vite.config.ts'), 0)
  })
})

function check(path: string, source: string): readonly string[] {
  return checkImports(floorPlan, { path, source })
}

function faultsOf(path: string, source = ''): number {
  return checkNames({ path, source }).length
}

function readSources(directories: readonly string[]): readonly SourceFile[] {
  const there = directories.filter((directory) => existsSync(join(root, directory)))
  return there.flatMap((directory) =>
    readdirSync(join(root, directory), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(tsx?|mjs)$/.test(entry.name))
      .map((entry) => {
        const file = join(entry.parentPath, entry.name)
        return { path: file.slice(root.length), source: readFileSync(file, 'utf8') }
      }),
  )
}

function assertNone(faults: readonly string[]): void {
  assert.equal(faults.length, 0, `\n${faults.join('\n')}`)
}
