import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import type { Page } from '@/api'

/** A keyset list: rows of all pages read so far and how to read the next. */
export function useKeyset<T>(key: readonly unknown[], read: (cursor?: string) => Promise<Page<T>>) {
  const list = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam }) => read(pageParam || undefined),
    initialPageParam: '',
    getNextPageParam: (last: Page<T>) => last.next || undefined,
    placeholderData: keepPreviousData,
  })
  return { ...list, rows: list.data?.pages.flatMap((p) => p.rows) ?? [] }
}
