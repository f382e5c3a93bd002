import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from 'react-router'
import { cases } from '@/api'
import { atMinute, ErrorBox, fileSize, Note, Page, Waiting } from '@/ui'
import './cases.css'

/** 回执: the number, what was handed in and when. Made to be printed or photographed. */
export default function Receipt() {
  const { no = '' } = useParams()
  const q = useQuery({ queryKey: ['case', no], queryFn: () => cases.get(no) })
  if (q.isPending) return <Page title="申请回执"><Waiting lines={6} /></Page>
  if (q.isError) return <Page title="申请回执"><ErrorBox error={q.error} retry={() => void q.refetch()} safe="申请已经提交，只是回执暂时没有读到。" /></Page>
  const c = q.data
  const waived = c.materials.filter((m) => m.status === 'waived' && m.files.length === 0)
  return (
    <Page title="申请回执">
      <div className="no-print">
        <Note tone="good">
          <p><strong>已经提交成功。</strong>请记下办件编号，凭它可以查进度、拨打 12345 咨询。</p>
        </Note>
      </div>
      <section className="card receipt" aria-label="回执内容">
        <p className="receipt-no"><span className="soft">办件编号</span><strong className="num">{c.case_no}</strong></p>
        <dl className="kv">
          <div><dt>申请事项</dt><dd>{c.item_name}</dd></div>
          <div><dt>办理部门</dt><dd>{c.org_name}</dd></div>
          <div><dt>申请人</dt><dd>{c.applicant_name}</dd></div>
          <div><dt>提交时间</dt><dd>{atMinute(c.submitted_at)}</dd></div>
          <div><dt>承诺时限</dt><dd>{c.limits_text.promised}（自受理之日起，法定时限 {c.limits_text.statutory}）</dd></div>
          <div>
            <dt>收到的材料</dt>
            <dd>
              <ol className="receipt-files">
                <li>申请表</li>
                {c.materials.filter((m) => m.files.length > 0).map((m) => (
                  <li key={m.code}>{m.name}：{m.files.map((f) => `${f.name}（${fileSize(f.size)}）`).join('、')}</li>
                ))}
              </ol>
              {waived.length > 0 && <p className="small soft">免提交：{waived.map((m) => m.name).join('、')}</p>}
            </dd>
          </div>
        </dl>
        <p className="small soft">接下来：五个工作日内受理，或一次告知需要补正的全部内容；逾期不告知的，自收到材料之日起即为受理（《行政许可法》第三十二条）。本回执证明材料已经收到，不代表已经受理。</p>
      </section>
      <p className="row case-next no-print">
        <button type="button" className="btn main" onClick={() => print()}>打印回执</button>
        <Link className="btn" to={`/my/cases/${encodeURIComponent(no)}`}>查看进度</Link>
        <Link className="btn" to="/my">回到我的空间</Link>
      </p>
    </Page>
  )
}
