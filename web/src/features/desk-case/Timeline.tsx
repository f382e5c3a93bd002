import type { Case } from '@/api'
import { minute } from '@/ui/desk/when'

const moves: Record<string, string> = {
  submit: '提交申请', 'check-material': '核对材料', accept: '受理', 'accept-by-silence': '逾期未告知，视为受理', 'request-supplement': '一次告知补正',
  supplement: '提交补正', decline: '不予受理', review: '审查完毕，报请决定', suspend: '进入特别程序', resume: '恢复计时', extend: '延长期限',
  grant: '准予许可', refuse: '不予许可', make: '制作证照', deliver: '送达', close: '办结', withdraw: '申请人撤回',
}

/** Every step, newest first: who, when, with which opinion and on what ground. */
export function Timeline({ c }: { c: Case }) {
  const steps = [...c.timeline].sort((a, b) => b.seq - a.seq)
  return (
    <section className="desk-panel" aria-labelledby="timeline">
      <h2 id="timeline">办理过程</h2>
      <ol className="desk-time">
        {steps.map((e, i) => (
          <li key={e.seq} className={i === 0 ? 'now' : undefined}>
            <p><b>{moves[e.move] ?? e.state_text}</b><time dateTime={e.at}>{minute(e.at)}</time></p>
            <p className="desk-quiet">{[e.post, e.by].filter(Boolean).join(' ') || '系统'}{e.article ? `　行政许可法${e.article}` : ''}</p>
            {e.opinion && <p className="desk-opinion">{e.opinion}</p>}
          </li>
        ))}
      </ol>
    </section>
  )
}
