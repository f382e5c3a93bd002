/**
 * Server-sent events: `event: changed`, whose data says what. EventSource reconnects by itself;
 * after each reconnection `onChange` is called once, because something may have been missed.
 */
export function live(path: string, onChange: (data: string) => void, onState?: (connected: boolean) => void): () => void {
  const source = new EventSource(path)
  let lost = false
  source.addEventListener('changed', (e) => onChange(String(e.data)))
  source.onopen = () => {
    if (lost) onChange('')
    lost = false
    onState?.(true)
  }
  source.onerror = () => {
    lost = true
    onState?.(false)
  }
  return () => source.close()
}
