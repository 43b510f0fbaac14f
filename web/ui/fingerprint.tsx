/** A SHA-256 fingerprint (`AB:CD:...`) in groups, for eyes that go to and fro between it and a browser's warning. */
export function Fingerprint({ text }: { text: string }) {
  return <code class="fingerprint">{text.replaceAll(':', '').replaceAll(/.{4}(?=.)/g, '$& ')}</code>
}
