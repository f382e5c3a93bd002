import { desk, type Case, type DeskTab } from '@/api'

/**
 * Whether a case is still as it was seen. Asked of the list, because reading a case shows its form,
 * and each such reading is evidence: a colleague's step on another case must not leave one here.
 */
export async function unchanged(c: Case): Promise<boolean> {
  const tabs: DeskTab[] = c.ended_at ? ['done'] : ['todo', 'waiting']
  try {
    for (const tab of tabs) {
      const { rows } = await desk.cases({ tab, q: c.case_no })
      const row = rows.find((r) => r.case_no === c.case_no)
      if (row) return row.version === c.version
    }
    return false
  } catch {
    return true // not known to be otherwise; the version guards every step
  }
}
