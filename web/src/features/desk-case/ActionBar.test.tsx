import { fireEvent, render, screen, waitFor } from '@testing-library/react'
import { describe, expect, it, vi } from 'vitest'
import type { Case } from '@/api'
import type { Act } from './act'
import { ActionBar } from './ActionBar'
import { aCase } from './fixture'

// Queries by role in Ant Design's dialogs are slow on a busy machine.
vi.setConfig({ testTimeout: 30_000 })

const bar = (c: Case, act: Act = () => Promise.resolve(undefined)) => <ActionBar c={c} act={act} busy={false} next={() => undefined} />
const checked = (c: Case): Case => ({ ...c, materials: c.materials.map((m) => ({ ...m, result: 'ok' })) })

describe('what is offered', () => {
  it('is what the server says I can do, and a blocked step says why', () => {
    render(bar(aCase()))
    expect(screen.getByRole('button', { name: /^受理/ })).toHaveProperty('disabled', true)
    expect(screen.getByRole('status').textContent).toBe('还有 2 份材料没有核对，逐份核对后才能受理。')
    expect(screen.getByRole('button', { name: /不予受理/ })).toHaveProperty('disabled', false)
    expect(screen.queryByRole('button', { name: /作出决定/ })).toBeNull()
  })

  it('opens by number, but not what is blocked', async () => {
    render(bar(aCase()))
    fireEvent.keyDown(window, { key: '1' })
    expect(screen.queryByRole('dialog')).toBeNull()
    fireEvent.keyDown(window, { key: '2' })
    expect(await screen.findByRole('dialog', { name: '一次性告知补正' })).toBeTruthy()
  })

  it('does not send an officer to a second supplement notice, which the law forbids', () => {
    const c = aCase({ state: 'resubmitted', can: ['check-material', 'accept', 'decline'] })
    c.materials = c.materials.map((m) => ({ ...m, result: 'wrong' }))
    render(bar(c))
    expect(screen.getByRole('status').textContent).toContain('补正依法只能告知一次')
  })

  it('says who has to move when there is nothing for me', () => {
    render(bar(aCase({ state: 'reviewed', can: [] })))
    expect(screen.getByRole('status').textContent).toBe('已审查，等待审批人决定。')
  })

  it('goes to the next case by n, not while one types', () => {
    const next = vi.fn()
    render(<><input aria-label="字" /><ActionBar c={aCase()} act={() => Promise.resolve(undefined)} busy={false} next={next} /></>)
    fireEvent.keyDown(screen.getByLabelText('字'), { key: 'n' })
    expect(next).not.toHaveBeenCalled()
    fireEvent.keyDown(document.body, { key: 'n' })
    expect(next).toHaveBeenCalledOnce()
  })
})

describe('a colleague who is faster', () => {
  const words = '材料齐全，准予受理，已电话核实。'
  const accepted = (c: Case): Case => ({
    ...c, version: 2, state: 'accepted', state_text: '审查中', can: [],
    timeline: [...c.timeline, { seq: 2, at: '2026-11-22T03:00:00Z', move: 'accept', state: 'accepted', state_text: '审查中', told: '', by: '王磊', post: '审查岗' }],
  })

  it('does not cost what was typed, and the dialog says who it was', async () => {
    const c = checked(aCase())
    const act = vi.fn<Act>(() => Promise.resolve('王磊已于 11-22 11:00 处理了这一件'))
    const { rerender } = render(bar(c, act))
    fireEvent.click(screen.getByRole('button', { name: /^受理/ }))
    fireEvent.change(await screen.findByLabelText('受理意见'), { target: { value: words } })
    fireEvent.click(screen.getByRole('button', { name: /确认受理/ }))
    await waitFor(() => expect(screen.getByRole('alert').textContent).toContain('王磊'))
    expect(act).toHaveBeenCalledWith('accept', { opinion: words }, 1)

    rerender(bar(accepted(c), act))
    expect(screen.getByRole('alert').textContent).toContain('审查岗 王磊已于 11-22 11:00 处理了这一件，现在是“审查中”')
    expect(screen.getByLabelText('受理意见')).toHaveProperty('value', words)
    expect(screen.getByRole('button', { name: /确认受理/ })).toHaveProperty('disabled', true)
  })

  it('is seen before anything is sent; the step goes on from the version that was read', async () => {
    const c = checked(aCase())
    const act = vi.fn<Act>(() => Promise.resolve(undefined))
    const { rerender } = render(bar(c, act))
    fireEvent.click(screen.getByRole('button', { name: /不予受理/ }))
    fireEvent.change(await screen.findByLabelText(/不予受理的理由/), { target: { value: words } })
    rerender(bar({ ...c, version: 2 }, act))
    expect(screen.getByRole('button', { name: /确认不予受理/ })).toHaveProperty('disabled', true)
    fireEvent.click(screen.getByRole('button', { name: /接着办/ }))
    fireEvent.click(screen.getByRole('button', { name: /确认不予受理/ }))
    await waitFor(() => expect(act).toHaveBeenCalledWith('decline', { ground: words }, 2))
  })

  it('closing a dialog by mistake keeps the words too', async () => {
    const c = checked(aCase({ case_no: 'closed-by-mistake' }))
    render(bar(c))
    fireEvent.click(screen.getByRole('button', { name: /不予受理/ }))
    fireEvent.change(await screen.findByLabelText(/不予受理的理由/), { target: { value: words } })
    fireEvent.click(screen.getByRole('button', { name: /取\s?消/ }))
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
    fireEvent.click(screen.getByRole('button', { name: /不予受理/ }))
    expect(await screen.findByLabelText(/不予受理的理由/)).toHaveProperty('value', words)
  })
})
