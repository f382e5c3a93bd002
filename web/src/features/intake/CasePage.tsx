import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from 'react-router'
import { cases, files, type Case, type TimelineEntry } from '@/api'
import { atMinute, caseTone, Deadline, Empty, ErrorBox, fileSize, Light, Note, onDay, Page, StatusTag, Timeline, Waiting, Way } from '@/ui'
import { isApplicant, useMe } from '@/ui/me'
import { CaseForm } from './CaseForm'
import { nextWords, wayOf } from './progress'
import { SupplementReply } from './SupplementReply'
import { Withdraw } from './Withdraw'
import './cases.css'

const back = <Link to="/my/cases">‹ 我的办件</Link>

/** One case: where it is, who has to move, until when, what happened, what it produced. */
export default function CasePage() {
  const { no = '' } = useParams()
  const me = useMe()
  const q = useQuery({
    queryKey: ['case', no], queryFn: () => cases.get(no), enabled: isApplicant(me),
    // The sealed papers and the licence are made a moment after the decision.
    refetchInterval: (query) => (query.state.data && settling(query.state.data) ? 3000 : false),
  })
  if (!isApplicant(me)) return <Page title="办件"><Empty title="这里是申请人的页面" action={<a className="btn" href={`/desk/cases/${encodeURIComponent(no)}`}>到工作台查看</a>} /></Page>
  if (q.isPending) return <Page title="办件" back={back}><Waiting lines={8} /></Page>
  if (q.isError) return <Page title="办件" back={back}><ErrorBox error={q.error} retry={() => void q.refetch()} action={<Link className="btn" to="/my/cases">查看我的办件</Link>} /></Page>
  const c = q.data
  const way = wayOf(c)
  return (
    <Page
      title={c.item_name} back={back}
      lead={<><span className="num">{c.case_no}</span> · {c.org_name}</>}
      actions={<Link className="btn" to={`/my/cases/${encodeURIComponent(no)}/receipt`}>回执</Link>}
    >
      <section className="card" aria-label="办理进度">
        <div className="section-head">
          <StatusTag tone={caseTone(c.state, c.result)}>{c.state_text}</StatusTag>
          <Light light={c.light} />
        </div>
        <Way {...way} />
        <p className="next-words">{nextWords(c)}</p>
        {c.suspension && <Note><p>{c.suspension.ground}</p><p>所需时间：{c.suspension.needed}</p></Note>}
        <Deadline name="受理期限" value={c.deadlines.step} />
        <Deadline name="承诺办结" value={c.deadlines.promised} />
        <Deadline name="法定期限" value={c.deadlines.statutory} />
        {c.licence && (
          <p className="row case-next"><Link className="btn main" to={`/my/licences/${encodeURIComponent(c.licence.id)}`}>查看证照：{c.licence.name}</Link></p>
        )}
      </section>

      {c.can.includes('supplement') && <SupplementReply c={c} />}

      <div className="case-columns">
        <section className="card" aria-labelledby="happened">
          <h2 id="happened">办理经过</h2>
          <Timeline
            entries={told(c.timeline)}
            extra={(e) => {
              const d = c.documents.find((x) => x.id === e.document_id)
              return d?.ready ? <a className="small" href={cases.documentHref(no, d.id)} target="_blank" rel="noreferrer">查看{d.title}</a> : null
            }}
          />
        </section>
        <div className="stack">
          <Documents c={c} />
          <section className="card" aria-labelledby="materials">
            <h2 id="materials">我交的材料</h2>
            <ul className="plain-list">
              {c.materials.map((m) => (
                <li key={m.code}>
                  <strong>{m.name}</strong>
                  {m.status === 'waived' && <span className="soft">（免提交）</span>}
                  {m.result === 'wrong' && <p className="field-error">需要补正：{m.note}</p>}
                  <ul>{m.files.map((f) => <li key={f.id}><a href={files.href(f.id)} target="_blank" rel="noreferrer">{f.name}</a> <span className="small soft">{fileSize(f.size)}</span></li>)}</ul>
                </li>
              ))}
              {c.materials.length === 0 && <li className="soft">没有提交材料。</li>}
            </ul>
          </section>
          <CaseForm formId={c.form_id} version={c.form_version} form={c.form} />
          {c.can.includes('withdraw') && <Withdraw c={c} />}
          <p className="small soft">{atMinute(c.submitted_at)}提交{c.accepted_at ? `，${onDay(c.accepted_at)}受理` : ''}。对办理有疑问，请拨打 <a href="tel:12345">12345</a> 并报办件编号。</p>
        </div>
      </div>
    </Page>
  )
}

function Documents({ c }: { c: Case }) {
  if (c.documents.length === 0) return null
  return (
    <section className="card" aria-labelledby="documents">
      <h2 id="documents">文书</h2>
      <ul className="plain-list">
        {c.documents.map((d) => (
          <li key={d.id}>
            {d.ready ? <a href={cases.documentHref(c.case_no, d.id)} target="_blank" rel="noreferrer">{d.title}</a> : <span>{d.title}（正在制作，稍候片刻）</span>}
            <p className="small soft">{onDay(d.issued_at)} · {d.number}</p>
          </li>
        ))}
      </ul>
    </section>
  )
}

/** The checks of single materials are the officer's work steps; to the applicant a row of them is one event. */
const told = (entries: TimelineEntry[]) =>
  entries
    .filter((e, i) => e.move !== 'check-material' || entries[i + 1]?.move !== 'check-material')
    .map((e) => (e.move === 'check-material' ? { ...e, opinion: '' } : e))

const settling = (c: Case) =>
  c.documents.some((d) => !d.ready) || ['granted', 'refused', 'made', 'delivered'].includes(c.state)
