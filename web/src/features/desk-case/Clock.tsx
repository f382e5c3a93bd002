import type { Case } from '@/api'
import { dueWords } from '@/ui'
import { DeskLight } from '@/ui/desk/DeskLight'
import { day } from '@/ui/desk/when'
import { kindWords } from './special'

/** The deadlines with their lights, and why the clock stands still. */
export function Clock({ c }: { c: Case }) {
  const rows = [
    { name: '受理期限', d: c.deadlines.step },
    { name: '承诺办结', d: c.deadlines.promised, limit: c.limits_text.promised },
    { name: '法定办结', d: c.deadlines.statutory, limit: c.limits_text.statutory },
  ].filter((r) => r.d ?? r.limit)
  return (
    <section className="desk-panel" aria-labelledby="clock">
      <h2 id="clock">时限</h2>
      {c.suspension && <p className="desk-effect">{day(c.suspension.since)} 起进行{kindWords(c.suspension.kind)}（{c.suspension.ground}），计时暂停，依法不计入时限。所需时间：{c.suspension.needed}。</p>}
      <ul className="desk-clock">
        {rows.map(({ name, d, limit }) => (
          <li key={name}>
            <span>{name}{limit && <span className="desk-quiet">　{limit}</span>}</span>
            {d
              ? <span><DeskLight light={d.light} {...(d.text ? { text: d.text } : {})} /><time dateTime={d.due}>{dueWords(d.due)}</time></span>
              : <span className="desk-quiet">受理后起算</span>}
            {d?.provisional && <span className="desk-quiet small">暂定：明年放假安排公布后可能调整</span>}
          </li>
        ))}
        {rows.length === 0 && <li className="desk-quiet">没有正在计算的期限。</li>}
      </ul>
    </section>
  )
}
