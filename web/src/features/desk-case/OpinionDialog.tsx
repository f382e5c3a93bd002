import type { DeskAction } from '@/api'
import { LongText } from '@/ui/desk/LongText'
import type { DialogProps } from './dialogs'
import { StepModal } from './StepModal'
import { useTyped } from './typed'
import { CaseLine } from './CaseLine'

interface Words {
  action: DeskAction
  field: 'opinion' | 'ground' | 'reason'
  title: string
  label: string
  ok: string
  /** What happens then; shown before it is done. */
  effect: string
  start?: string
  danger?: boolean
}

/** A step that needs one text: who does it says why, and reads first what it leads to. */
function OpinionDialog({ c, act, close, words }: DialogProps & { words: Words }) {
  const [text, setText, done] = useTyped(`${c.case_no} ${words.action}`, words.start)
  const submit = async () => {
    const failed = await act(words.action, { [words.field]: text.trim() })
    if (!failed) done()
    return failed
  }
  return (
    <StepModal title={words.title} ok={words.ok} ready={text.trim().length >= 2} danger={words.danger} submit={submit} close={close}>
      <CaseLine c={c} />
      <p className="desk-effect">{words.effect}</p>
      <LongText label={words.label} value={text} onChange={setText} />
    </StepModal>
  )
}

export const Accept = (p: DialogProps) => <OpinionDialog {...p} words={{
  action: 'accept', field: 'opinion', title: '受理申请', label: '受理意见', ok: '确认受理', start: '材料齐全，符合法定形式，予以受理。',
  effect: '将生成受理通知书并通知申请人，承诺和法定时限从今天起计算（当天不计入）。',
}} />
export const Decline = (p: DialogProps) => <OpinionDialog {...p} words={{
  action: 'decline', field: 'ground', title: '不予受理', label: '不予受理的理由和依据（写给申请人）', ok: '确认不予受理', danger: true,
  effect: '将生成不予受理通知书并送达申请人，本件就此办结，不能撤回。不属于本机关职权的，请写明应当向哪个机关申请。',
}} />
export const Resume = (p: DialogProps) => <OpinionDialog {...p} words={{
  action: 'resume', field: 'opinion', title: '恢复计时', label: '特别程序的结果', ok: '确认恢复',
  effect: '特别程序占用的工作日不计入时限，期限将相应顺延。',
}} />
export const Extend = (p: DialogProps) => <OpinionDialog {...p} words={{
  action: 'extend', field: 'reason', title: '延长期限', label: '延长的理由（写给申请人）', ok: '确认延长',
  effect: '经本机关负责人批准可以延长 10 个工作日，只能延长一次，延长的理由会告知申请人（行政许可法第四十二条）。',
}} />
