/** What one room may import. Everybody may import within the own room. */
export interface Room {
  /** Its directory, or one file that has rules of its own. */
  readonly path: string
  /** Imports go down: whatever it imports stands on a lower floor. */
  readonly floor: number
  readonly rooms: readonly string[]
  readonly packages: readonly string[]
  /** Whether modules of Node may be used; without them a room runs in a browser too. */
  readonly node: boolean
}

/** The floor plan of docs/architecture.md. The plan may change: here and there in one commit. */
export const floorPlan: readonly Room[] = [
  { path: 'src/kernel', floor: 0, rooms: [], packages: [], node: false },
  { path: 'src/domain', floor: 0, rooms: [], packages: [], node: false },

  { path: 'src/os', floor: 1, rooms: ['src/kernel', 'src/domain'], packages: ['koffi'], node: true },
  { path: 'src/wire', floor: 1, rooms: ['src/kernel', 'src/domain'], packages: ['valibot'], node: false },
  { path: 'src/store', floor: 1, rooms: ['src/kernel', 'src/domain'], packages: [], node: true },
  { path: 'src/observe', floor: 1, rooms: ['src/kernel', 'src/domain'], packages: ['pino', 'prom-client'], node: true },

  {
    path: 'src/media',
    floor: 2,
    rooms: ['src/kernel', 'src/domain', 'src/os'],
    packages: ['node-av', 'x11', 'valibot'],
    node: true,
  },
  {
    path: 'src/net',
    floor: 2,
    rooms: ['src/kernel', 'src/domain', 'src/wire'],
    packages: ['koffi', 'sodium-native'],
    node: true,
  },
  { path: 'src/client', floor: 2, rooms: ['src/kernel', 'src/domain', 'src/wire'], packages: ['valibot'], node: false },

  {
    path: 'src/http',
    floor: 3,
    rooms: ['src/kernel', 'src/domain', 'src/wire', 'src/net'],
    packages: ['hono', 'ws', 'valibot'],
    node: true,
  },
  {
    path: 'src/host',
    floor: 3,
    rooms: ['src/kernel', 'src/domain', 'src/os', 'src/media'],
    packages: ['koffi', 'x11'],
    node: true,
  },

  {
    path: 'src/viewer',
    floor: 4,
    rooms: ['src/kernel', 'src/domain', 'src/os', 'src/wire', 'src/media', 'src/net', 'src/host'],
    packages: ['node-datachannel', 'valibot'],
    node: true,
  },

  {
    path: 'src/relay',
    floor: 4,
    rooms: ['src/kernel', 'src/domain', 'src/wire', 'src/net', 'src/http'],
    packages: ['valibot'],
    node: true,
  },

  {
    path: 'src/conversation',
    floor: 4,
    rooms: ['src/kernel', 'src/domain', 'src/wire', 'src/host'],
    packages: [],
    node: true,
  },

  {
    path: 'src/party',
    floor: 5,
    rooms: ['src/kernel', 'src/domain', 'src/os', 'src/wire', 'src/store', 'src/net', 'src/http'],
    packages: ['hono', '@hono/node-server', 'ws', 'valibot', '@valibot/to-json-schema', 'koffi'],
    node: true,
  },
  {
    path: 'src/view',
    floor: 5,
    rooms: ['src/kernel', 'src/domain', 'src/wire', 'src/net', 'src/http', 'src/client'],
    packages: ['node-av', 'ws'],
    node: true,
  },
  {
    path: 'src/agent',
    floor: 5,
    rooms: ['src/kernel', 'src/domain', 'src/wire', 'src/media', 'src/host'],
    packages: ['valibot'],
    node: true,
  },
  ...['browser', 'memory', 'moonlight', 'native'].map((name) => ({
    path: `src/gateway/${name}`,
    floor: 5,
    rooms: [
      'src/kernel',
      'src/domain',
      'src/wire',
      'src/net',
      'src/media',
      'src/host',
      'src/viewer',
      'src/conversation',
    ],
    packages: name === 'browser' ? ['ws', 'valibot'] : ['valibot'],
    node: true,
  })),
  { path: 'web', floor: 5, rooms: ['src/client'], packages: ['preact', '@preact/signals', 'uqr'], node: false },
  { path: 'web/vite.config.ts', floor: 5, rooms: [], packages: ['vite', '@preact/preset-vite'], node: true },

  {
    path: 'src/server',
    floor: 6,
    rooms: [
      'src/kernel',
      'src/domain',
      'src/wire',
      'src/media',
      'src/store',
      'src/observe',
      'src/net',
      'src/http',
      'src/host',
      'src/viewer',
      'src/conversation',
      'src/party',
      'src/agent',
      'src/gateway/browser',
      'src/gateway/memory',
      'src/gateway/moonlight',
      'src/gateway/native',
    ],
    packages: [
      'hono',
      '@hono/node-server',
      '@valibot/to-json-schema',
      'ws',
      'valibot',
      'pino',
      'prom-client',
      'smol-toml',
      'koffi',
      'unhomoglyph',
    ],
    node: true,
  },

  {
    path: 'src/cli',
    floor: 7,
    rooms: [
      'src/kernel',
      'src/domain',
      'src/wire',
      'src/server',
      'src/client',
      'src/net',
      'src/relay',
      'src/party',
      'src/view',
    ],
    packages: ['uqr', 'valibot'],
    node: true,
  },
]

/** What a test beside the code may import more than its room. */
export const testPackages: readonly string[] = ['ajv', 'valibot']

/** Where tests find what they share. */
export const testSupport = 'test/support'
