import { describe, expect, it } from 'vitest'
import type { Schema } from '@/api'
import { leftOver, schemaAt, words } from './words'

const root: Schema = {
  $defs: { kind: { title: '业态', oneOf: [{ const: 'sales', title: '食品销售' }, { const: 'catering', title: '餐饮服务' }] } },
  properties: {
    kind: { $ref: '#/$defs/kind' },
    kinds: { type: 'array', items: { $ref: '#/$defs/kind' } },
    area: { type: 'number', 'x-unit': '平方米' },
    staff: { type: 'array', items: { type: 'object', properties: { name: { title: '姓名' }, kind: { $ref: '#/$defs/kind' } } } },
  },
  allOf: [{ if: { required: ['kind'] }, then: { properties: { site: { title: '网站名称' } } } }],
}
const at = (name: string) => root.properties![name]!

describe('a value in words', () => {
  it('is the label of its choice, also behind a reference', () => {
    expect(words(at('kind'), root, 'sales')).toBe('食品销售')
    expect(words(at('kinds'), root, ['sales', 'catering'])).toBe('食品销售、餐饮服务')
    expect(words(at('kind'), root, 'a-later-choice')).toBe('a-later-choice')
  })
  it('has its unit, and no true or false', () => {
    expect(words(at('area'), root, 120)).toBe('120 平方米')
    expect(words({}, root, true)).toBe('是')
    expect(words({}, root, false)).toBe('否')
    expect(words({}, root, 0)).toBe('0')
  })
  it('lists people with the titles of what is said of them', () => {
    expect(words(at('staff'), root, [{ name: '张三', kind: 'sales' }, { name: '李四' }])).toBe('姓名：张三，业态：食品销售；姓名：李四')
  })
  it('is nothing for nothing', () => {
    expect(words({}, root, undefined)).toBe('')
    expect(words({}, root, null)).toBe('')
    expect(words({}, root, [])).toBe('')
  })
})

describe('what the form does not ask of this applicant', () => {
  it('is shown all the same, by its own title', () => {
    expect(leftOver({ kind: 'sales', site: '好味道', more: { deep: 1, empty: '' } }, ['kind'])).toEqual(['site', 'more.deep'])
    expect(schemaAt(root, 'site').title).toBe('网站名称')
    expect(schemaAt(root, 'more.deep')).toEqual({})
  })
})
