import type { Case } from '@/api'

/** A case for tests: submitted, two papers, neither looked at. */
export function aCase(over: Partial<Case> = {}): Case {
  return {
    case_no: '42130320261122000000171', item_id: 'i1', item_name: '食品经营许可（新办）', item_version: 3, org_id: 'o1', org_name: '曾都区市场监督管理局',
    region: '421303000000', applicant_name: '林晓梅', applicant_kind: 'person', state: 'submitted', state_text: '待受理', result: '', light: 'green', version: 1,
    submitted_at: '2026-11-22T02:00:00Z', form_id: 'general', form_version: 1, form: {}, masked: [], can_unmask: false,
    deadlines: { step: { due: '2026-11-27T09:30:00Z', light: 'green', provisional: false, text: '正常' } },
    limits_text: { promised: '5个工作日', statutory: '20个工作日' },
    timeline: [{ seq: 1, at: '2026-11-22T02:00:00Z', move: 'submit', state: 'submitted', state_text: '待受理', told: '您提交了申请', by: '林晓梅' }],
    materials: [
      { code: 'id', name: '身份证明', required: true, status: 'submitted', result: '', note: '', files: [{ id: 'f1', material: 'id', name: '身份证.jpg', size: 345_678, content_type: 'image/jpeg', round: 0 }] },
      { code: 'plan', name: '经营场所平面图', required: true, status: 'submitted', result: '', note: '', files: [{ id: 'f2', material: 'plan', name: '平面图.pdf', size: 1_234_567, content_type: 'application/pdf', round: 0 }] },
    ],
    documents: [], can: ['check-material', 'accept', 'request-supplement', 'decline'],
    ...over,
  }
}
