import { submit } from './apply'
import { expect, look, test } from './look'
import { applicants, openCase, signIn, signInAtDesk } from './people'

// Who looked at my data: an officer opens a case, and the applicant reads it; the log is signed and checked.
test('what officials look at is on record, and the person can read it', async ({ page, person, request, expected }) => {
  expected.push(/status of 401/)
  const no = await submit(page, applicants.phone!.login)
  const officer = await person('reviewer')
  await signInAtDesk(officer, 'shenhe1')
  await openCase(officer, no)

  await page.goto('/sign-in?back=/my')
  await signIn(page, applicants.phone!.login)
  await page.goto('/my')
  await page.getByRole('link', { name: '谁看过我的信息' }).click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('谁看过我的信息')
  const looked = page.getByRole('listitem').filter({ hasText: no }).filter({ hasText: '在工作台查看办件' })
  await expect(looked).toContainText('王某')
  await expect(looked).not.toContainText('王磊')
  await look(page, 'audit-1-accesses')

  const chief = await person('administrator')
  await signInAtDesk(chief, 'guanli')
  await chief.getByRole('navigation', { name: '工作台' }).getByRole('link', { name: '操作记录' }).click()
  await chief.getByRole('button', { name: '立即核查' }).click()
  await expect(chief.getByRole('button', { name: '立即核查' })).toBeEnabled({ timeout: 60_000 })
  await expect(chief.getByText('核查无改动')).toBeVisible()
  await chief.getByRole('searchbox', { name: '按办件编号查' }).or(chief.getByLabel('按办件编号查')).first().fill(no)
  await chief.keyboard.press('Enter')
  await expect(chief.getByRole('cell', { name: '在工作台查看办件' })).toHaveCount(1)
  await look(chief, 'audit-2-records')

  const checkpoint = await request.get('/api/log/checkpoint')
  expect(await checkpoint.text()).toMatch(/^onedoor\/evidence\n\d+\n/)
})
