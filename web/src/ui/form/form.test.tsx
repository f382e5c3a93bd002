import { fireEvent, render, screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { readdirSync, readFileSync } from 'node:fs'
import { useState } from 'react'
import { describe, expect, it } from 'vitest'
import type { FormData_, FormDefinition } from '@/api'
import { checkForm, FormRenderer, FormView, fromServer, relevant, sectionsOf, setAt, type FieldErrors } from '.'
import { isCitizenId, isUscc } from './formats'

const def: FormDefinition = {
  id: 'shop', version: 1, title: '开店申请',
  schema: {
    type: 'object',
    properties: {
      name: { type: 'string', title: '店名', minLength: 2, maxLength: 20 },
      owner: {
        type: 'object', title: '经营者',
        properties: {
          id_number: { type: 'string', title: '身份证号', format: 'citizen-id' },
          phone: { type: 'string', title: '电话', format: 'mobile' },
        },
        required: ['id_number'],
      },
      area: { type: 'number', title: '面积', minimum: 1, 'x-unit': '平方米' },
      kind: { type: 'string', title: '业态', oneOf: [{ const: 'eat', title: '餐饮' }, { const: 'sell', title: '零售' }] },
      online: { type: 'boolean', title: '是否网上经营' },
      site: { type: 'string', title: '网站' },
      people: {
        type: 'array', title: '从业人员', minItems: 1, maxItems: 2,
        items: { type: 'object', title: '人员', properties: { name: { type: 'string', title: '姓名', minLength: 1 } }, required: ['name'] },
      },
      time: { type: 'string', title: '时间', pattern: '^\\d\\d:\\d\\d$', 'x-message': '时间请按 08:36 这样填写' },
      promise: { type: 'boolean', title: '承诺属实', const: true },
    },
    required: ['name', 'owner', 'area', 'kind', 'online', 'people', 'promise'],
    additionalProperties: false,
    allOf: [{ if: { properties: { online: { const: true } }, required: ['online'] }, then: { required: ['site'] } }],
  },
  ui: { sections: [{ title: '店', fields: ['name', 'kind', 'area', 'online', 'site'] }, { title: '人', fields: ['owner', 'people'] }], widgets: { promise: 'checkbox' } },
}
const good: FormData_ = {
  name: '好味道', owner: { id_number: '421303199003070027' }, area: 86, kind: 'eat', online: false, people: [{ name: '林晓梅' }], promise: true,
}

describe('formats', () => {
  it('checks 公民身份号码 by date and check character', () => {
    expect(isCitizenId('421303199003070027')).toBe(true)
    expect(isCitizenId('421303199003070028')).toBe(false)
    expect(isCitizenId('421303199002300027')).toBe(false)
    expect(isCitizenId('')).toBe(false)
  })
  it('checks every identifier of the reference vectors as the server does', () => {
    const lines = (f: string) => readFileSync(`../data/ids/${f}`, 'utf8').trim().split('\n')
    for (const f of readdirSync('../data/ids')) {
      if (!f.endsWith('.csv')) continue
      const [head, ...rows] = lines(f)
      const cols = head!.split(',')
      const kind = cols.indexOf('kind')
      const value = cols.indexOf('value')
      const valid = cols.indexOf('valid')
      if (kind < 0 || value < 0 || valid < 0) continue
      for (const r of rows.map((l) => l.split(','))) {
        const check = r[kind] === 'citizen-id' ? isCitizenId : r[kind] === 'uscc' ? isUscc : null
        if (check) expect([r[value], check(r[value]!)]).toEqual([r[value], r[valid] === 'true' || r[valid] === '1'])
      }
    }
  })
  it('checks 统一社会信用代码', () => {
    expect(isUscc('91350100M000100Y43')).toBe(true)
    expect(isUscc('91350100M000100Y44')).toBe(false)
  })
})

describe('checkForm', () => {
  it('accepts what is right', () => expect(checkForm(def, good)).toEqual({}))
  it('says in words, at the field, in the order of the page', () => {
    expect(checkForm(def, {})).toEqual({
      name: '请填写“店名”。', kind: '请选择“业态”。', area: '请填写“面积”。', online: '请选择“是否网上经营”。',
      owner: '请填写“经营者”。', people: '请选择“从业人员”。', promise: '请选择“承诺属实”。',
    })
  })
  it.each<[string, FormData_, FieldErrors]>([
    ['too short', { ...good, name: '好' }, { name: '“店名”至少 2 个字。' }],
    ['no number', { ...good, area: '八十' }, { area: '“面积”的类型不对，请填写数字。' }],
    ['too small', { ...good, area: 0 }, { area: '“面积”不能小于 1。' }],
    ['not offered', { ...good, kind: 'x' }, { kind: '请从给出的选项中选择“业态”。' }],
    ['within an object', { ...good, owner: { id_number: '421303199003070028', phone: '1' } }, {
      'owner.id_number': '“身份证号”不正确，请核对 18 位公民身份号码（末位可为 X）。', 'owner.phone': '“电话”不正确，请填 11 位手机号码。',
    }],
    ['within a list', { ...good, people: [{ name: '甲' }, {}] }, { 'people.1.name': '请填写“姓名”。' }],
    ['too many', { ...good, people: [{ name: '甲' }, { name: '乙' }, { name: '丙' }] }, { people: '“从业人员”最多填 2 项。' }],
    ['the author’s own words', { ...good, time: '8点' }, { time: '时间请按 08:36 这样填写。' }],
    ['on a condition', { ...good, online: true }, { site: '请填写“网站”。' }],
  ])('%s', (_, data, want) => expect(checkForm(def, data)).toEqual(want))
})

describe('sections', () => {
  const paths = (data: FormData_) => sectionsOf(def, data).map((s) => s.fields.map((f) => f.path))
  it('asks by the layout, objects one property at a time, the forgotten last', () => {
    expect(paths({})).toEqual([['name', 'kind', 'area', 'online'], ['owner.id_number', 'owner.phone', 'people'], ['time', 'promise']])
  })
  it('asks what a condition demands only when it holds, and sends nothing that is not asked', () => {
    expect(paths({ online: true })[0]).toContain('site')
    expect(relevant(def, { ...good, site: 'https://a' })).toEqual(good)
  })
})

it('setAt drops what becomes empty', () => {
  expect(setAt({ a: { b: '1' }, c: 2 }, 'a.b', '')).toEqual({ c: 2 })
  expect(setAt({}, 'a.b', 'x')).toEqual({ a: { b: 'x' } })
})

it('maps the server’s field errors to paths', () => {
  expect(fromServer([{ path: '/form/owner/id_number', message: '错' }, { path: '/form/people/0/name', message: '缺' }]))
    .toEqual({ 'owner.id_number': '错', 'people.0.name': '缺' })
})

function Live({ errors = {}, start = {} }: { errors?: FieldErrors; start?: FormData_ }) {
  const [v, setV] = useState<FormData_>(start)
  return (
    <>
      <FormRenderer def={def} value={v} errors={errors} sources={{ name: '实名账号信息' }} known={{ name: '好味道' }} onChange={setV} />
      <output>{JSON.stringify(v)}</output>
    </>
  )
}
const data = () => JSON.parse(screen.getByRole('status').textContent) as FormData_

describe('FormRenderer', () => {
  it('collects typed values: texts, numbers, choices, lists', async () => {
    const u = userEvent.setup()
    render(<Live />)
    await u.type(screen.getByLabelText('店名'), '好味道')
    await u.type(screen.getByLabelText('面积'), '86.5')
    await u.click(screen.getByLabelText('餐饮'))
    const online = screen.getByRole('group', { name: '是否网上经营' })
    await u.click(within(online).getByLabelText('是'))
    await u.type(screen.getByLabelText('网站'), 'a.cn')
    await u.click(screen.getByRole('button', { name: '添加人员' }))
    await u.type(screen.getByLabelText('姓名'), '甲')
    fireEvent.change(screen.getByLabelText('身份证号'), { target: { value: '42130319900307 002x' } })
    expect(data()).toEqual({
      name: '好味道', area: 86.5, kind: 'eat', online: true, site: 'a.cn', people: [{ name: '甲' }], owner: { id_number: '42130319900307002X' },
    })
  })
  it('ties label, hint and message to the input', () => {
    render(<Live errors={{ name: '“店名”至少 2 个字。' }} />)
    const input = screen.getByLabelText('店名')
    expect(input).toHaveProperty('ariaInvalid', 'true')
    expect(document.getElementById(input.getAttribute('aria-describedby')!)?.textContent).toBe('“店名”至少 2 个字。')
  })
  it('says where a known value comes from until it is changed', async () => {
    const u = userEvent.setup()
    render(<Live start={{ name: '好味道' }} />)
    expect(screen.getByText('已为您填入：实名账号信息')).toBeTruthy()
    await u.type(screen.getByLabelText('店名'), '二店')
    expect(screen.queryByText('已为您填入：实名账号信息')).toBeNull()
  })
  it('shows values in words', () => {
    render(<FormView def={def} value={good} />)
    for (const words of ['餐饮', '86 平方米', '否', '姓名：林晓梅']) expect(screen.getByText(words)).toBeTruthy()
  })
})

describe('the forms that are shipped', () => {
  const shipped = readdirSync('../data/forms').filter((f) => f.endsWith('.json'))
  it.each(shipped)('%s: its example is right, nothing is right in an empty one, every field has a Chinese label', (file) => {
    const d = JSON.parse(readFileSync(`../data/forms/${file}`, 'utf8')) as FormDefinition
    const example = d.schema['examples'] as FormData_[] | undefined
    for (const e of example ?? []) {
      expect(checkForm(d, e)).toEqual({})
      expect(relevant(d, e)).toEqual(e)
    }
    expect(Object.keys(checkForm(d, {})).length).toBeGreaterThan(0)
    for (const s of sectionsOf(d, example?.[0] ?? {})) for (const f of s.fields) expect(f.label, f.path).toMatch(/\p{Script=Han}/u)
  })
})
