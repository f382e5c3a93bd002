import { useEffect } from 'react'

/** The document's title says what the page is: officers find a tab by it. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} - 一扇门工作台`
  }, [title])
}
