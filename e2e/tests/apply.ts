import { randomUUID } from 'node:crypto'
import { expect, type Page } from '@playwright/test'
import { password } from './people'

/** Hands in an application with the general form over the interface, as another program of the applicant would. */
export async function submit(page: Page, login: string, form: Record<string, unknown> = {}): Promise<string> {
  const { request } = page
  const ok = async <T>(answer: Awaited<ReturnType<typeof request.get>>): Promise<T> => {
    expect(answer.ok(), `${answer.url()} ${answer.status()}`).toBeTruthy()
    return await answer.json() as T
  }
  await ok(await request.post('/api/session', { data: { login, password } }))
  let item = ''
  for (let cursor = ''; !item;) {
    const list = await ok<{ rows: { id: string; org_name: string }[]; next?: string }>(await request.get(`/api/items?region=421300000000&cursor=${cursor}`))
    for (const row of list.rows.filter(r => r.org_name === '随州市市场监督管理局')) {
      const guide = await ok<{ form_id: string; materials: { required: boolean; waived: boolean }[] }>(await request.get(`/api/items/${row.id}`))
      if (guide.form_id === 'general' && !guide.materials.some(m => m.required && !m.waived)) { item = row.id; break }
    }
    cursor = encodeURIComponent(list.next ?? '')
    if (!list.next) break
  }
  expect(item).not.toBe('')
  const { schema } = await ok<{ schema: { examples: Record<string, unknown>[] } }>(await request.get('/api/forms/general'))
  const made = await ok<{ case_no: string }>(await request.post('/api/cases', {
    headers: { 'Idempotency-Key': randomUUID() }, data: { item_id: item, form: { ...schema.examples[0], ...form }, promise: true },
  }))
  await ok(await request.get('/api/session'))
  await request.delete('/api/session')
  return made.case_no
}
