import { expect, test } from 'vitest'
import { withWhole } from './whole'

test('whole values take the place of masked ones, in lists too', () => {
  const form = { phone: '138****0001', holders: [{ name: '王磊' }, { name: '林晓梅', phone: '139****0002' }], tags: ['x', '13****'] }
  const whole = { until: '', values: [{ path: 'phone', value: '13800000001' }, { path: 'holders/1/phone', value: '13900000002' }, { path: 'tags/1', value: '130' }] }
  expect(withWhole(form, whole)).toEqual({ phone: '13800000001', holders: [{ name: '王磊' }, { name: '林晓梅', phone: '13900000002' }], tags: ['x', '130'] })
  expect(form.phone).toBe('138****0001')
  expect(withWhole(form, undefined)).toBe(form)
})
