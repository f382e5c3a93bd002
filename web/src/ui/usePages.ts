import { useInfiniteQuery, type QueryKey } from '@tanstack/react-query'
import type { Page } from '@/api'

/** A keyset list: page after page, appended. */
export function usePages<T, P extends Page<T> = Page<T>>(key: QueryKey, load: (cursor?: string) => Promise<P>) {
  const q = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam }) => load(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last: P) => last.next || undefined,
  })
  return { ...q, rows: q.data?.pages.flatMap((p) => p.rows) ?? [] }
}
