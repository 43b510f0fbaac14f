import { defineConfig } from 'tsdown'

/** Hosts by their native transport for programs in Node: the package's `porchlight/view`. It has nothing but Node's own beside it. */
export default defineConfig({
  cwd: import.meta.dirname,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  tsconfig: 'tsconfig.json',
  deps: { alwaysBundle: ['valibot'], onlyBundle: ['valibot'] },
  entry: { index: 'src/view/index.ts' },
  outDir: 'dist/view',
  fixedExtension: false,
  dts: true,
  report: false,
  logLevel: 'warn',
})
