import { CopyField } from './copy-field.tsx'
import { splitRemedy } from './split-remedy.ts'

/** What can be done about something, with what is to be typed ready to be copied. */
export function Remedy({ text }: { text: string }) {
  const { sentence, commands } = splitRemedy(text)
  return (
    <div class="remedy">
      {sentence !== '' && <p>{sentence}</p>}
      {commands.map((command) => (
        <CopyField key={command} text={command} label="Copy the command" />
      ))}
    </div>
  )
}
