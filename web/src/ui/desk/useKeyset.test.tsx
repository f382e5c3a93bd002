import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { act, renderHook, waitFor } from '@testing-library/react'
import type { ReactNode } from 'react'
import { expect, it, vi } from 'vitest'
import { useKeyset } from './useKeyset'

it('reads page after page by the cursor of the last and joins their rows', async () => {
  const client = new QueryClient()
  const pages: Record<string, { rows: number[]; next?: string }> = { '': { rows: [1, 2], next: 'p2' }, p2: { rows: [3] } }
  const read = vi.fn((cursor?: string) => Promise.resolve(pages[cursor ?? '']!))
  const { result } = renderHook(() => useKeyset(['list'], read), { wrapper: ({ children }: { children: ReactNode }) => <QueryClientProvider client={client}>{children}</QueryClientProvider> })
  await waitFor(() => expect(result.current.rows).toEqual([1, 2]))
  expect(read).toHaveBeenCalledWith(undefined)
  expect(result.current.hasNextPage).toBe(true)
  await act(() => result.current.fetchNextPage())
  await waitFor(() => expect(result.current.rows).toEqual([1, 2, 3]))
  expect(read).toHaveBeenLastCalledWith('p2')
  expect(result.current.hasNextPage).toBe(false)
})
