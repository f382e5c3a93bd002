import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { cases, type Case, type Item } from '@/api'
import { materialsFor, missing } from './materials'
import { nextWords, wayOf } from './progress'
import { submit } from './submission'

beforeEach(() => vi.restoreAllMocks())
afterEach(() => localStorage.clear())

it('a repeated submit carries the same key until the answer is here', async () => {
  const call = vi.spyOn(cases, 'submit').mockRejectedValueOnce(new Error('lost')).mockResolvedValue({ case_no: 'N' } as Case)
  await expect(submit('d1')).rejects.toThrow()
  expect((await submit('d1')).case_no).toBe('N')
  const [first, second] = call.mock.calls
  expect(first![1]).toBe(second![1])
  expect(first![1]).toMatch(/^[0-9a-f]{32}$/)
  await submit('d1')
  expect(call.mock.calls[2]![1]).not.toBe(first![1])
})

const item = {
  materials: [
    { code: 'M01', name: '申请书', required: true, waived: false }, { code: 'M02', name: '营业执照', required: true, waived: true },
    { code: 'M03', name: '租赁合同', required: false, waived: false },
  ],
  scenarios: [{ question: '租的房吗', field: 'house', value: 'rent', adds: ['M03'], drops: ['M01'], advice: '' }],
} as unknown as Item

it('an answer adds and drops materials', () => {
  expect(missing(materialsFor(item, {}), []).map((m) => m.code)).toEqual(['M01'])
  expect(missing(materialsFor(item, { house: 'rent' }), []).map((m) => m.code)).toEqual(['M03'])
  expect(missing(materialsFor(item, { house: 'rent' }), [{ material: 'M03' }])).toEqual([])
})

it.each([
  ['submitted', '', 1, false], ['supplement_requested', '', 1, false], ['accepted', '', 2, false], ['reviewed', '', 3, false],
  ['granted', 'granted', 4, false], ['closed', 'granted', 4, true], ['withdrawn', '', 1, true], ['not_accepted', '', 1, true],
])('a case that is %s stands at its stop', (state, result, at, ended) => {
  expect(wayOf({ state, result })).toMatchObject({ at, ended })
  expect(nextWords({ state, result, org_name: '市场监督管理局' })).not.toBe('')
})
