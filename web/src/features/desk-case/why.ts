import type { Case } from '@/api'

/** Why there is nothing for me to do, in one sentence. */
export function why(c: Case): string {
  switch (c.state) {
    case 'submitted':
    case 'resubmitted':
      return '等待窗口或部门受理，您现在的岗位不办理这一步。'
    case 'supplement_requested':
      return '已一次性告知，等待申请人补正。'
    case 'accepted':
      return '已受理，等待部门审查，您现在的岗位不办理这一步。'
    case 'reviewed':
      return '已审查，等待审批人决定。'
    case 'suspended':
      return '特别程序期间，依法不计入时限。'
    case 'granted':
    case 'made':
      return '已准予，系统正在制作并颁发证照。'
    case 'refused':
    case 'delivered':
      return '已作出决定，系统正在送达文书。'
    default:
      return '这一件已经办结，没有需要办理的操作。'
  }
}
