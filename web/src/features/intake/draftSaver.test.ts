import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ApiError, type Draft, type FormData_ } from '@/api'
import { DraftSaver } from './draftSaver'

const draft = (form: FormData_ = {}, version = 1): Draft => ({
  id: 'd1', item_id: 'i', item_name: '食品经营许可', form_id: 'food', form_version: 1, form, version, files: [], prefilled: {},
  created_at: '2026-11-22T08:00:00Z', updated_at: '2026-11-22T08:00:00Z',
})
const offline = () => new ApiError({ status: 0, code: 'client.offline', detail: '网络不通' })
const stale = (current: Draft) => new ApiError({ status: 409, code: 'intake.draft-stale', detail: '已被修改', current })

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('DraftSaver', () => {
  it('saves once after the typing pauses, upon the version read', async () => {
    const save = vi.fn((form: FormData_, version: number) => Promise.resolve(draft(form, version + 1)))
    const s = new DraftSaver({ draft: draft(), save })
    s.change({ name: '林' })
    s.change({ name: '林晓' })
    s.change({ name: '林晓梅' })
    await vi.advanceTimersByTimeAsync(900)
    expect(save.mock.calls).toEqual([[{ name: '林晓梅' }, 1]])
    expect(s.current().kind).toBe('saved')
    expect(localStorage.length).toBe(0)
  })

  it('sends what was typed during a save afterwards, upon the new version', async () => {
    let answer: (d: Draft) => void = () => undefined
    const save = vi.fn((form: FormData_, version: number) =>
      save.mock.calls.length === 1 ? new Promise<Draft>((r) => (answer = r)) : Promise.resolve(draft(form, version + 1)))
    const s = new DraftSaver({ draft: draft(), save })
    s.change({ a: '1' })
    await vi.advanceTimersByTimeAsync(900)
    s.change({ a: '2' })
    answer(draft({ a: '1' }, 2))
    await vi.advanceTimersByTimeAsync(1800)
    expect(save.mock.calls.at(-1)).toEqual([{ a: '2' }, 2])
    expect(s.current().kind).toBe('saved')
  })

  it('keeps words on the device without a network and sends them when it is back', async () => {
    const save = vi.fn<(f: FormData_, v: number) => Promise<Draft>>().mockRejectedValueOnce(offline())
    save.mockImplementation((form, version) => Promise.resolve(draft(form, version + 1)))
    const s = new DraftSaver({ draft: draft(), save })
    s.change({ a: '离线' })
    await vi.advanceTimersByTimeAsync(900)
    expect(s.current().kind).toBe('offline')
    expect(localStorage.getItem('onedoor.draft.d1')).toContain('离线')
    s.wake()
    await vi.advanceTimersByTimeAsync(1)
    expect(s.current().kind).toBe('saved')
    expect(localStorage.getItem('onedoor.draft.d1')).toBeNull()
  })

  it('tries again by itself, ever more patiently', async () => {
    const save = vi.fn<(f: FormData_, v: number) => Promise<Draft>>().mockRejectedValue(offline())
    const s = new DraftSaver({ draft: draft(), save })
    s.change({ a: '1' })
    await vi.advanceTimersByTimeAsync(800 + 2000 + 4000 + 8000 + 10)
    expect(save).toHaveBeenCalledTimes(4)
    s.stop()
  })

  it('re-sends unsent words of an earlier visit upon the same version', async () => {
    localStorage.setItem('onedoor.draft.d1', JSON.stringify({ form: { a: '昨天' }, version: 3 }))
    const save = vi.fn((form: FormData_, version: number) => Promise.resolve(draft(form, version + 1)))
    const s = new DraftSaver({ draft: draft({ a: '' }, 3), save })
    expect(s.value()).toEqual({ a: '昨天' })
    await vi.advanceTimersByTimeAsync(1)
    expect(save.mock.calls).toEqual([[{ a: '昨天' }, 3]])
  })

  it('never overwrites another page: the person chooses, mine', async () => {
    const theirs = draft({ a: '他处' }, 5)
    const save = vi.fn<(f: FormData_, v: number) => Promise<Draft>>().mockRejectedValueOnce(stale(theirs))
    save.mockImplementation((form, version) => Promise.resolve(draft(form, version + 1)))
    const s = new DraftSaver({ draft: draft({}, 4), save })
    s.change({ a: '此处' })
    await vi.advanceTimersByTimeAsync(900)
    expect(s.current()).toMatchObject({ kind: 'conflict', theirs: { form: { a: '他处' } } })
    await vi.advanceTimersByTimeAsync(100_000)
    expect(save).toHaveBeenCalledTimes(1)
    await s.resolve('mine')
    expect(save.mock.calls.at(-1)).toEqual([{ a: '此处' }, 5])
    expect(s.current().kind).toBe('saved')
  })

  it('or theirs', async () => {
    const save = vi.fn<(f: FormData_, v: number) => Promise<Draft>>().mockRejectedValueOnce(stale(draft({ a: '他处' }, 5)))
    const s = new DraftSaver({ draft: draft({}, 4), save })
    s.change({ a: '此处' })
    await vi.advanceTimersByTimeAsync(900)
    await s.resolve('theirs')
    expect(s.value()).toEqual({ a: '他处' })
    expect(localStorage.getItem('onedoor.draft.d1')).toBeNull()
  })

  it('recognises its own words when only the answer was lost', async () => {
    const save = vi.fn<(f: FormData_, v: number) => Promise<Draft>>().mockRejectedValueOnce(stale(draft({ b: 1, a: '同' }, 2)))
    save.mockImplementation((form, version) => Promise.resolve(draft(form, version + 1)))
    const s = new DraftSaver({ draft: draft({}, 1), save })
    s.change({ a: '同', b: 1 })
    await vi.advanceTimersByTimeAsync(1000)
    expect(s.current().kind).toBe('saved')
  })

  it('flush tells whether the server has everything', async () => {
    const save = vi.fn<(f: FormData_, v: number) => Promise<Draft>>().mockRejectedValueOnce(offline())
    save.mockImplementation((form, version) => Promise.resolve(draft(form, version + 1)))
    const s = new DraftSaver({ draft: draft(), save })
    s.change({ a: '1' })
    expect(await s.flush()).toBe(false)
    expect(await s.flush()).toBe(true)
  })
})
