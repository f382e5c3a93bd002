import { useState } from 'react'

/** What was typed and not sent, for as long as the page lives: closing a dialog by mistake loses nothing. */
const kept = new Map<string, string>()

/** A text of a dialog that survives its closing. `done` forgets it. */
export function useTyped(key: string, start = ''): [string, (v: string) => void, () => void] {
  const [text, setText] = useState(() => kept.get(key) ?? start)
  const set = (v: string) => {
    setText(v)
    kept.set(key, v)
  }
  return [text, set, () => kept.delete(key)]
}
