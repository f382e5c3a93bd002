import { useEffect, useState } from 'react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useLocation } from 'react-router'
import { live, notices } from '@/api'

/**
 * The badge, kept true by server-sent events. A message nearly always means that a case moved, so
 * what is on the screen is read again too. `connected` is false while the line is down.
 */
export function useUnread(): { unread: number; connected: boolean } {
  const queries = useQueryClient()
  const [connected, setConnected] = useState(true)
  const q = useQuery({ queryKey: ['notices', 'unread'], queryFn: notices.unread, staleTime: 60_000 })
  useEffect(() => {
    let stop: (() => void) | undefined
    // After the page has settled: the stream must not compete with what the person came for.
    const t = setTimeout(() => {
      stop = live(notices.stream, (data) => {
        void queries.invalidateQueries({ queryKey: ['notices'] })
        if (data === 'read') return
        for (const key of ['cases', 'case', 'licences']) void queries.invalidateQueries({ queryKey: [key] })
      }, setConnected)
    }, 1500)
    return () => {
      clearTimeout(t)
      stop?.()
    }
  }, [queries])
  const unread = q.data?.unread ?? 0
  // Whoever has opened what a message leads to, by whatever way, has read the message.
  const { pathname } = useLocation()
  useEffect(() => {
    if (unread > 0 && /^\/my\/(cases|licences)\/[^/]+$/.test(pathname)) {
      void notices.readAt(pathname).then(() => queries.invalidateQueries({ queryKey: ['notices'] })).catch(() => undefined)
    }
  }, [unread, pathname, queries])
  return { unread, connected }
}
