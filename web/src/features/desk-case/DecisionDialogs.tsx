import { useState } from 'react'
import { Radio } from 'antd'
import { LongText } from '@/ui/desk/LongText'
import { CaseLine } from './CaseLine'
import type { DialogProps } from './dialogs'
import { StepModal } from './StepModal'
import { useTyped } from './typed'

const proposals = { grant: '经审查，符合法定条件和标准。', refuse: '' }

/** The reviewer's opinion: what was found and what is proposed. */
export function Review({ c, act, close }: DialogProps) {
  const [recommend, setRecommend] = useState<'grant' | 'refuse'>('grant')
  const [opinion, setOpinion, done] = useTyped(`${c.case_no} review`, proposals.grant)
  const submit = async () => {
    const failed = await act('review', { recommend, opinion: opinion.trim() })
    if (!failed) done()
    return failed
  }
  const choose = (next: 'grant' | 'refuse') => {
    // Only words that we put there ourselves are replaced.
    if (opinion === proposals[recommend]) setOpinion(proposals[next])
    setRecommend(next)
  }
  return (
    <StepModal title="提交审查意见" ok={recommend === 'grant' ? '建议准予，提交审批' : '建议不予，提交审批'} ready={opinion.trim().length >= 2} submit={submit} close={close}>
      <CaseLine c={c} />
      <Radio.Group aria-label="审查结论" value={recommend} onChange={(e) => choose(e.target.value as 'grant' | 'refuse')} options={[{ value: 'grant', label: '建议准予' }, { value: 'refuse', label: '建议不予' }]} />
      <LongText label="审查意见" value={opinion} onChange={setOpinion} hint={recommend === 'refuse' ? '写明不符合哪一条件、依据哪一条款，供审批人决定。' : undefined} />
    </StepModal>
  )
}

/** The decision: granted, or refused with reasons (Art 38). It cannot be taken back. */
export function Decide({ c, act, close }: DialogProps) {
  const [grant, setGrant] = useState<boolean>()
  const [opinion, setOpinion, opinionDone] = useTyped(`${c.case_no} decide`)
  const [reason, setReason, reasonDone] = useTyped(`${c.case_no} refuse`)
  const review = [...c.timeline].reverse().find((e) => e.move === 'review')
  const submit = async () => {
    const failed = await act('decide', { grant, opinion: opinion.trim(), reason: grant ? '' : reason.trim() })
    if (!failed) {
      opinionDone()
      reasonDone()
    }
    return failed
  }
  const own = ['', '同意审查意见，准予许可。', '不予许可。']
  const choose = (yes: boolean) => {
    setGrant(yes)
    if (own.includes(opinion)) setOpinion(yes ? own[1]! : own[2]!)
  }
  return (
    <StepModal
      title="作出决定" ok={grant === undefined ? '确认决定' : grant ? '确认准予许可' : '确认不予许可'} danger={grant === false}
      ready={grant !== undefined && opinion.trim().length >= 2 && (grant || reason.trim().length >= 2)} submit={submit} close={close}
    >
      <CaseLine c={c} />
      {review && <blockquote className="desk-quote">{review.opinion}<footer>{[review.post, review.by].filter(Boolean).join(' ')}的审查意见</footer></blockquote>}
      <Radio.Group aria-label="决定" value={grant} onChange={(e) => choose(e.target.value as boolean)} options={[{ value: true, label: '准予许可' }, { value: false, label: '不予许可' }]} />
      {grant !== undefined && (
        <>
          <p className="desk-effect">{grant ? '决定后自动制作决定书和证照，并加盖本部门电子印章，不能撤回。' : '将生成不予许可决定书，写明理由和救济途径，不能撤回。'}</p>
          <LongText label="审批意见" value={opinion} onChange={setOpinion} rows={2} />
        </>
      )}
      {grant === false && <LongText label="不予许可的理由（写给申请人）" value={reason} onChange={setReason} hint="写明事实和法律依据。" />}
    </StepModal>
  )
}
