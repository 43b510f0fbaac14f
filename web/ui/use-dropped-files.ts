import { useEffect } from 'preact/hooks'

/** Whether what is dragged is for this place: a field takes text, and one for files takes files. */
function isTakenThere(event: DragEvent): boolean {
  const { target, dataTransfer } = event
  const hasFiles = dataTransfer?.types.includes('Files') === true
  return target instanceof Element && target.closest(hasFiles ? 'input[type=file]' : 'input, textarea') !== null
}

/** What is dropped anywhere on the page never makes the browser leave it; `onFiles` hears of files that nobody takes. */
export function useDroppedFiles(onFiles: () => void): void {
  useEffect(() => {
    const end = new AbortController()
    const { signal } = end
    const prevent = (event: DragEvent) => {
      if (!isTakenThere(event)) event.preventDefault()
    }
    const drop = (event: DragEvent) => {
      if (isTakenThere(event)) return
      event.preventDefault()
      if (event.dataTransfer?.types.includes('Files')) onFiles()
    }
    // Before anybody on the way can keep it to themselves.
    const options = { signal, capture: true }
    window.addEventListener('dragenter', prevent, options)
    window.addEventListener('dragover', prevent, options)
    window.addEventListener('drop', drop, options)
    return () => end.abort()
  }, [])
}
