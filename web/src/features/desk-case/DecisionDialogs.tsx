import { useState } from 'react'
import { Input, Radio } from 'antd'
import type { DialogProps } from './dialogs'
import { StepModal } from './StepModal'

/** The reviewer's opinion: what was found and what is proposed. */
export function Review({ c, act, close }: DialogProps) {
  const [recommend, setRecommend] = useState<'grant' | 'refuse'>('grant')
  const [opinion, setOpinion] = useState('经审查，符合法定条件和标准，建议准予许可。')
  const submit = () => act('review', { recommend, opinion: opinion.trim() })
  return (
    <StepModal title="提交审查意见" ok="提交审批" ready={opinion.trim() !== ''} submit={submit} close={close}>
      <p>{c.item_name}　{c.applicant_name}</p>
      <Radio.Group aria-label="审查结论" value={recommend} onChange={(e) => setRecommend(e.target.value as 'grant' | 'refuse')} options={[{ value: 'grant', label: '建议准予' }, { value: 'refuse', label: '建议不予' }]} />
      <label htmlFor="opinion" style={{ display: 'block', marginTop: 12 }}>审查意见</label>
      <Input.TextArea id="opinion" autoFocus value={opinion} onChange={(e) => setOpinion(e.target.value)} maxLength={1000} autoSize={{ minRows: 3 }} />
    </StepModal>
  )
}

/** The decision: granted, or refused with reasons (Art 38). It cannot be taken back. */
export function Decide({ c, act, close }: DialogProps) {
  const [grant, setGrant] = useState<boolean>()
  const [opinion, setOpinion] = useState('')
  const [reason, setReason] = useState('')
  const review = [...c.timeline].reverse().find((e) => e.move === 'review')
  const submit = () => act('decide', { grant, opinion: opinion.trim(), reason: grant ? '' : reason.trim() })
  const choose = (yes: boolean) => {
    setGrant(yes)
    setOpinion(yes ? '同意审查意见，准予许可。' : '不予许可。')
  }
  return (
    <StepModal title="作出决定" ok={grant === false ? '确认不予许可' : '确认准予许可'} ready={grant !== undefined && opinion.trim() !== '' && (grant || reason.trim() !== '')} danger={grant === false} submit={submit} close={close}>
      <p>{c.item_name}　{c.applicant_name}</p>
      {review && <p className="desk-quiet">审查意见（{review.by}）：{review.opinion}</p>}
      <Radio.Group aria-label="决定" value={grant} onChange={(e) => choose(e.target.value as boolean)} options={[{ value: true, label: '准予许可' }, { value: false, label: '不予许可' }]} />
      {grant !== undefined && (
        <>
          <p className="desk-quiet" style={{ marginTop: 8 }}>{grant ? '决定后自动制作证照并加盖本部门电子印章，不能撤回。' : '将生成不予许可决定书，写明理由和救济途径，不能撤回。'}</p>
          <label htmlFor="opinion">审批意见</label>
          <Input.TextArea id="opinion" value={opinion} onChange={(e) => setOpinion(e.target.value)} maxLength={1000} autoSize={{ minRows: 2 }} />
        </>
      )}
      {grant === false && (
        <>
          <label htmlFor="reason" style={{ display: 'block', marginTop: 12 }}>不予许可的理由（写给申请人）</label>
          <Input.TextArea id="reason" value={reason} onChange={(e) => setReason(e.target.value)} maxLength={1000} autoSize={{ minRows: 3 }} />
        </>
      )}
    </StepModal>
  )
}
