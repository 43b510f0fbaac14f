import { runCommand } from './run-command.ts'
import { terminalOf } from './terminal.ts'

process.exitCode = await runCommand({
  args: process.argv.slice(2),
  environment: process.env,
  directory: process.cwd(),
  output: terminalOf(process.stdout),
  errors: terminalOf(process.stderr),
  process,
  exit: (code) => process.exit(code),
})
