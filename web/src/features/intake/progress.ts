import type { Case, CaseRow } from '@/api'
import type { Stage } from '@/ui'

type Progress = Pick<CaseRow, 'state' | 'result'>

const usual: Record<string, number> = {
  submitted: 1, resubmitted: 1, supplement_requested: 1, accepted: 2, suspended: 2, reviewed: 3,
  granted: 4, refused: 4, made: 4, delivered: 4, closed: 4,
}

/** Where a case is on its way, in five stops; a case that ended early shows where. */
export function wayOf(c: Progress): { stages: Stage[]; at: number; ended: boolean } {
  if (c.state === 'not_accepted') return { stages: [{ name: '提交' }, { name: '不予受理' }], at: 1, ended: true }
  if (c.state === 'withdrawn') return { stages: [{ name: '提交' }, { name: '已撤回' }], at: 1, ended: true }
  const last = c.result === 'refused' || c.state === 'refused' ? '不予许可' : '办结'
  const stages: Stage[] = [
    { name: '提交' },
    { name: '受理', ...(c.state === 'supplement_requested' ? { note: '待您补正' } : {}) },
    { name: '审查', ...(c.state === 'suspended' ? { note: '暂停计时' } : {}) },
    { name: '决定' },
    { name: last, ...(c.state === 'granted' ? { note: '制证中' } : {}) },
  ]
  return { stages, at: usual[c.state] ?? 1, ended: c.state === 'closed' }
}

/** Whose move it is and what happens next, said to the applicant. */
export function nextWords(c: Pick<Case, 'state' | 'result' | 'org_name'>): string {
  switch (c.state) {
    case 'submitted':
      return `现在由${c.org_name}查看材料，您不用做什么。五个工作日内会受理，或一次告知您要补正的全部内容；逾期不告知的，自收到材料之日起即为受理。`
    case 'resubmitted':
      return `补正材料已经收到，现在由${c.org_name}查看，您不用做什么。`
    case 'supplement_requested':
      return '现在等您补正。请按下面列出的内容补齐后一次提交，补正期间不计入办理时限。'
    case 'accepted':
      return `已经受理，${c.org_name}正在审查，您不用做什么。`
    case 'reviewed':
      return '审查已经完成，正在作出决定，您不用做什么。'
    case 'suspended':
      return '正在进行法律规定的特别程序，所需时间不计入办理时限。'
    case 'granted':
      return '已经准予许可，正在制作证照，稍后可在“我的证照”查看。'
    case 'made':
    case 'delivered':
      return '证照已经制作完成，可在“我的证照”查看、下载和出示。'
    case 'refused':
      return '申请没有获得许可。理由和救济途径写在决定书里，可在下面查看。'
    case 'not_accepted':
      return '申请没有被受理。理由和救济途径写在通知书里，可在下面查看。'
    case 'withdrawn':
      return '您已撤回申请。需要时可以重新申请。'
    case 'closed':
      return c.result === 'refused' ? '已经办结，没有获得许可。理由和救济途径写在决定书里。' : '已经办结。证照可在“我的证照”查看、下载和出示。'
  }
  return ''
}

export const isOpen = (c: Progress) =>
  ['submitted', 'resubmitted', 'supplement_requested', 'accepted', 'suspended', 'reviewed', 'granted', 'refused', 'made', 'delivered'].includes(c.state)
