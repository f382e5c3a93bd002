import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { act, fireEvent, render, screen } from '@testing-library/react'
import { MemoryRouter, Route, Routes } from 'react-router'
import { expect, it, vi } from 'vitest'
import { desk, type CaseRow } from '@/api'
import { DeskLiveContext } from '@/ui/desk/live'
import { CaseList } from './CaseList'

const row = (no: string): CaseRow => ({
  case_no: no, item_name: `事项${no}`, org_name: '市场监督管理局', applicant_name: '林晓梅', state: 'submitted', state_text: '待受理', result: '',
  light: 'green', light_text: '正常', submitted_at: '2026-11-22T02:00:00Z', version: 1,
})
const chosen = () => document.querySelector('tr[aria-current]')?.getAttribute('data-no')

it('keeps the chosen case while the list changes, says what is new, and opens by Enter', async () => {
  let rows = ['B1', 'B2', 'B3'].map(row)
  vi.spyOn(desk, 'cases').mockImplementation(() => Promise.resolve({ rows }))
  const told = new Set<() => void>()
  render(
    <QueryClientProvider client={new QueryClient()}>
      <DeskLiveContext value={{ connected: true, subscribe: (f) => { told.add(f); return () => told.delete(f) } }}>
        <MemoryRouter initialEntries={['/desk']}>
          <Routes>
            <Route path="/desk" element={<CaseList tab="todo" q="" empty="没有件。" />} />
            <Route path="/desk/cases/:no" element={<p>打开了</p>} />
          </Routes>
        </MemoryRouter>
      </DeskLiveContext>
    </QueryClientProvider>,
  )
  await screen.findByText('事项B1')
  expect(chosen()).toBe('B1')
  fireEvent.keyDown(document.body, { key: 'j' })
  expect(chosen()).toBe('B2')
  expect(document.activeElement?.textContent).toBe('事项B2')

  rows = [row('A0'), ...rows]
  await act(async () => {
    told.forEach((f) => f())
    await Promise.resolve()
  })
  await screen.findByText('事项A0')
  expect(chosen()).toBe('B2')
  expect(screen.getByText(/新到 1 件：事项A0/)).toBeTruthy()

  fireEvent.keyDown(document.body, { key: 'Enter' })
  await screen.findByText('打开了')
})
