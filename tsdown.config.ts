import { defineConfig, type UserConfig } from 'tsdown'

const common: UserConfig = {
  cwd: import.meta.dirname,
  format: 'esm',
  platform: 'neutral',
  target: 'es2022',
  tsconfig: 'tsconfig.web.json',
  // Whoever uses it has nothing to install beside it.
  deps: { alwaysBundle: ['valibot'], onlyBundle: ['valibot'] },
  report: false,
  logLevel: 'warn',
}

/** The client for other programs: the package's `porchlight/client`, and the same as one file that the web port serves. */
export default defineConfig([
  { ...common, entry: { index: 'src/client/index.ts' }, outDir: 'dist/client', dts: true },
  {
    ...common,
    entry: { client: 'src/client/index.ts' },
    outDir: 'dist/web',
    clean: false,
    minify: true,
    // What they tell is for whoever bundles a program, and nobody bundles this file.
    outputOptions: { comments: { annotation: false } },
    dts: false,
  },
])
