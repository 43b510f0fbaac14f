import { CopyField } from '../ui/copy-field.tsx'

/** A sentence for people; what stands in it between backticks is a command to take along. */
export function Remedy({ text }: { text: string }) {
  const parts = text.split('`')
  const commands = parts.filter((_, index) => index % 2 === 1)
  const sentence = parts.map((part, index) => (index % 2 === 1 ? <code>{part}</code> : part))
  return (
    <div class="remedy">
      <p>{sentence}</p>
      {commands.map((command) => (
        <CopyField key={command} text={command} label="Copy the command" />
      ))}
    </div>
  )
}
