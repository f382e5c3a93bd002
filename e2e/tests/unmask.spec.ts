import { submit } from './apply'
import { expect, look, test } from './look'
import { applicants, openCase, signInAtDesk } from './people'

// Personal data at the desk: masked, whole for a purpose and for a while, and on record.
const phone = '13800000001'
const masked = '138****0001'

test('an officer reads masked values, and whole ones for a purpose', async ({ page, person, expected }) => {
  expected.push(/status of 401/)
  const no = await submit(page, applicants.phone!.login, { phone })
  const officer = await person('reviewer')
  await signInAtDesk(officer, 'shenhe1')
  await openCase(officer, no)
  const facts = officer.getByRole('region', { name: '申请内容' })
  await expect(facts.getByText(masked)).toBeVisible()
  await expect(officer.getByText(phone)).toHaveCount(0)
  await look(officer, 'keys-1-masked')

  await facts.getByRole('button', { name: '查看完整信息' }).click()
  const dialog = officer.getByRole('dialog', { name: '查看完整信息' })
  const show = dialog.getByRole('button', { name: '查 看' }).or(dialog.getByRole('button', { name: '查看', exact: true }))
  await expect(show).toBeDisabled()
  await dialog.getByRole('radio', { name: '联系申请人' }).check()
  await dialog.getByLabel(/具体说明/).fill('电话核实申请事项')
  await look(officer, 'keys-2-purpose')
  await show.click()
  await expect(facts.getByText(phone)).toBeVisible()
  await expect(facts.getByRole('status').filter({ hasText: '恢复遮盖' })).toBeVisible()
  await look(officer, 'keys-3-whole')
  await facts.getByRole('button', { name: '现在遮盖' }).click()
  await expect(officer.getByText(phone)).toHaveCount(0)

  // Left alone, the page masks them by itself when the time is over.
  await officer.clock.install()
  await officer.reload()
  await facts.getByRole('button', { name: '查看完整信息' }).click()
  await dialog.getByLabel(/具体说明/).fill('电话核实申请事项')
  await show.click()
  await expect(facts.getByText(phone)).toBeVisible()
  await officer.clock.fastForward('05:05')
  await expect(officer.getByText(phone)).toHaveCount(0)

  const admin = await person('admin')
  await signInAtDesk(admin, 'guanli')
  await admin.goto(`/desk/audit?case=${no}`)
  await expect(admin.getByRole('row').filter({ hasText: '查看完整个人信息' }).filter({ hasText: '联系申请人：电话核实申请事项' })).toBeVisible()
  await expect(admin.getByRole('row').filter({ hasText: '查看办件' })).toHaveCount(1)
})

test('an administrator sees the keys and replaces them while work goes on', async ({ page }) => {
  await signInAtDesk(page, 'guanli')
  const menu = page.getByRole('navigation', { name: '工作台' })
  if (!await menu.getByRole('link', { name: '密钥与加密' }).isVisible()) await page.goto('/desk/keys')
  else await menu.getByRole('link', { name: '密钥与加密' }).click()
  await expect(page.getByRole('heading', { level: 1, name: '密钥与加密' })).toBeVisible()
  await expect(page.getByRole('row').filter({ hasText: '全市公共' }).filter({ hasText: '使用中' })).toHaveCount(1)
  // The one that the other width began ends by itself: a minute after the last process has heard of the new keys.
  test.setTimeout(240_000)
  await expect(page.getByRole('button', { name: '轮换数据密钥' })).toBeEnabled({ timeout: 150_000 })
  await page.getByRole('button', { name: '轮换数据密钥' }).click()
  const dialog = page.getByRole('dialog', { name: '轮换数据密钥' })
  await dialog.getByLabel(/原因/).fill('年度轮换')
  await look(page, 'keys-4-rotate', { latin: true })
  await dialog.getByRole('button', { name: '开始轮换' }).click()
  await expect(page.getByRole('region', { name: '正在轮换' }).or(page.getByRole('region', { name: '上一次轮换' }))).toBeVisible()
  await expect(page.getByRole('cell', { name: '正在停用' }).or(page.getByRole('cell', { name: '已停用' })).first()).toBeVisible()
  await look(page, 'keys-5-running', { latin: true })
})
