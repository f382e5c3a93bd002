import { createContext, use, useEffect } from 'react'
import { live } from '@/api'

/** A connection that the server refused is not opened again by the browser; we ask anew after this long. */
const reopenAfter = 5_000

/**
 * Listens to a stream while the page can be seen. A browser allows six connections to one server,
 * and officers keep more tabs than that: a hidden tab holds none, and reads anew when it is looked at.
 */
export function liveWhileSeen(path: string, onChange: (data: string) => void, onState?: (connected: boolean) => void): () => void {
  let close: (() => void) | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  const open = (again: boolean) => {
    let missed = again
    close = live(path, onChange, (connected) => {
      clearTimeout(timer)
      onState?.(connected)
      if (!connected) timer = setTimeout(reopen, reopenAfter)
      else if (missed) {
        missed = false
        onChange('')
      }
    })
  }
  const shut = () => {
    clearTimeout(timer)
    close?.()
    close = undefined
  }
  const reopen = () => {
    shut()
    open(true)
  }
  const follow = () => {
    if (document.visibilityState === 'hidden') shut()
    else if (!close) open(true)
  }
  if (document.visibilityState !== 'hidden') open(false)
  document.addEventListener('visibilitychange', follow)
  return () => {
    document.removeEventListener('visibilitychange', follow)
    shut()
  }
}

/** Runs one after the other: what is asked for meanwhile is done once, afterwards. */
export function oneAtATime(run: () => Promise<unknown>): () => void {
  let running = false
  let again = false
  return function go() {
    if (running) {
      again = true
      return
    }
    running = true
    const next = () => {
      running = false
      if (again) {
        again = false
        go()
      }
    }
    run().then(next, next)
  }
}

export interface DeskLive {
  connected: boolean
  /** Calls f whenever a case in my scope may have changed; gives the way to stop. */
  subscribe: (f: () => void) => () => void
}

/** One stream for the whole desk. The shell holds it. */
export const DeskLiveContext = createContext<DeskLive>({ connected: true, subscribe: () => () => undefined })

export const useDeskLive = (): DeskLive => use(DeskLiveContext)

/** Calls f (which must be stable) whenever a case in my scope may have changed. */
export function useDeskChange(f: () => void): void {
  const { subscribe } = useDeskLive()
  useEffect(() => subscribe(f), [subscribe, f])
}
